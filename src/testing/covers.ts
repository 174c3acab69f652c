/**
 * Generates paths through a graph that cover every edge (edge cover) or every two consecutive edges (pairs). Unlike
 * shortest or simple paths, edge cover exercises guards that reject. Pairs also find leftovers of one event that affect the
 * next, such as a timer that still runs.
 */

export const COVERS = ['edge', 'pairs'] as const;
export type Cover = (typeof COVERS)[number];

/** What one event does in one situation. */
export interface Edge<S, E extends string = string> {
  readonly from: S;
  readonly event: E;
  readonly to: S;
}

export interface Path<G extends Edge<unknown>> {
  /** Hash of the path's events, so that a path has the same id in every run. */
  readonly id: string;
  readonly steps: readonly G[];
}

export interface CoverOptions<S> {
  readonly cover: Cover;
  /** Every path begins here. */
  readonly start: S;
  /** Equal for situations that are the same. */
  readonly key: (situation: S) => string;
}

/** 32-bit FNV-1a: short and stable. Collisions are unlikely for a few thousand paths, and `eachOnce` detects them. */
const hash = (text: string): string => {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return h.toString(36).padStart(7, '0');
};

const makePath = <G extends Edge<unknown>>(steps: readonly G[]): Path<G> => ({
  id: hash(steps.map(({ event }) => event).join('>')),
  steps,
});

type Outgoing<G> = ReadonlyMap<string, readonly G[]>;

const groupByOrigin = <S, G extends Edge<S>>(graph: readonly G[], key: (s: S) => string): Outgoing<G> => {
  const groups = new Map<string, G[]>();
  for (const edge of graph) {
    const group = groups.get(key(edge.from));
    if (group === undefined) groups.set(key(edge.from), [edge]);
    else group.push(edge);
  }
  return groups;
};

/** The shortest path to each situation, as a list of edges. */
const shortestWays = <S, G extends Edge<S>>(
  outgoing: Outgoing<G>,
  { start, key }: CoverOptions<S>,
): ReadonlyMap<string, readonly G[]> => {
  const ways = new Map<string, readonly G[]>([[key(start), []]]);
  for (const [at, way] of ways) {
    for (const edge of outgoing.get(at) ?? []) {
      const to = key(edge.to);
      // Iterating a Map also visits entries added meanwhile, so this is a breadth-first search.
      if (!ways.has(to)) ways.set(to, [...way, edge]);
    }
  }
  return ways;
};

/**
 * Removes duplicates: the paths to different edges can consist of the same events.
 * @throws if two different paths share an id, because nobody could ask for one of them
 */
export const eachOnce = <G extends Edge<unknown>>(paths: readonly Path<G>[]): Path<G>[] => {
  const byId = new Map<string, Path<G>>();
  for (const path of paths) {
    const known = byId.get(path.id);
    if (known === undefined) byId.set(path.id, path);
    else if (describePath(known) !== describePath(path)) {
      throw new Error(`"${describePath(known)}" and "${describePath(path)}" share the id ${path.id}`);
    }
  }
  return [...byId.values()];
};

const allPaths = <S, G extends Edge<S>>(graph: readonly G[], options: CoverOptions<S>): Path<G>[] => {
  const { cover, key } = options;
  // A caller in JavaScript has no compiler that says it.
  if (!COVERS.includes(cover)) throw new Error(`cover takes ${COVERS.join(' or ')}, not "${cover}"`);
  const outgoing = groupByOrigin<S, G>(graph, key);
  const ways = shortestWays<S, G>(outgoing, options);
  const edges = graph.map((edge) => [...(ways.get(key(edge.from)) ?? []), edge]);
  if (cover === 'edge') return edges.map(makePath);
  return edges.flatMap((steps) => {
    const last = steps.at(-1);
    const next = last === undefined ? [] : (outgoing.get(key(last.to)) ?? []);
    // If no event can follow, cover the edge alone.
    return next.length === 0 ? [makePath(steps)] : next.map((edge) => makePath([...steps, edge]));
  });
};

/**
 * Paths that begin at `start` and together take every edge, or every two edges that can follow each other.
 * @throws if there is no such cover
 */
export const coverPaths = <S, G extends Edge<S>>(graph: readonly G[], options: CoverOptions<S>): Path<G>[] =>
  eachOnce(allPaths<S, G>(graph, options));

/** For example "claim, register x16, phone leaves". */
export const describeEvents = (events: readonly string[]): string => {
  const runs: { event: string; times: number }[] = [];
  for (const event of events) {
    const last = runs.at(-1);
    if (last?.event === event) last.times++;
    else runs.push({ event, times: 1 });
  }
  return runs.map(({ event, times }) => (times > 1 ? `${event} x${times}` : event)).join(', ');
};

export const describePath = ({ steps }: { readonly steps: readonly Edge<unknown>[] }): string =>
  describeEvents(steps.map(({ event }) => event));

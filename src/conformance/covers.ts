/**
 * Generates paths through a graph that cover every edge (edge cover) or every two consecutive edges (pairs). Unlike
 * shortest or simple paths, edge cover exercises guards that reject. Pairs also find leftovers of one event that affect the
 * next, such as a timer that still runs.
 */
import type { Edge } from './server-graph.ts';
import { describeSituation, type Situation, type WireEvent } from './wire-events.ts';

export const COVERS = ['edge', 'pairs'] as const;
export type Cover = (typeof COVERS)[number];

export interface Path {
  /** Hash of the path's events, so that a path has the same id in every run. */
  readonly id: string;
  readonly steps: readonly Edge[];
}

const START: Situation = { slot: 'unclaimed', phones: 0, line: 0 };

/** 32-bit FNV-1a: short and stable. Collisions are unlikely for a few thousand paths, and `eachOnce` detects them. */
const hash = (text: string): string => {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return h.toString(36).padStart(7, '0');
};

const makePath = (steps: readonly Edge[]): Path => ({
  id: hash(steps.map(({ event }) => event).join('>')),
  steps,
});

/** The shortest path to each situation, as a list of edges. */
const shortestWays = (graph: readonly Edge[]): ReadonlyMap<string, readonly Edge[]> => {
  const ways = new Map<string, readonly Edge[]>([[describeSituation(START), []]]);
  const outgoing = groupByOrigin(graph);
  for (const [at, way] of ways) {
    for (const edge of outgoing.get(at) ?? []) {
      const to = describeSituation(edge.to);
      // Iterating a Map also visits entries added meanwhile, so this is a breadth-first search.
      if (!ways.has(to)) ways.set(to, [...way, edge]);
    }
  }
  return ways;
};

const groupByOrigin = (graph: readonly Edge[]): ReadonlyMap<string, readonly Edge[]> => {
  const groups = new Map<string, Edge[]>();
  for (const edge of graph) {
    const from = describeSituation(edge.from);
    const group = groups.get(from);
    if (group === undefined) groups.set(from, [edge]);
    else group.push(edge);
  }
  return groups;
};

/**
 * Removes duplicates: the paths to different edges can consist of the same events.
 * @throws if two different paths share an id, because `--only` could not distinguish them
 */
export const eachOnce = (paths: readonly Path[]): Path[] => {
  const byId = new Map<string, Path>();
  for (const path of paths) {
    const known = byId.get(path.id);
    if (known === undefined) byId.set(path.id, path);
    else if (describePath(known) !== describePath(path)) {
      throw new Error(`"${describePath(known)}" and "${describePath(path)}" share the id ${path.id}`);
    }
  }
  return [...byId.values()];
};

export const coverPaths = (graph: readonly Edge[], cover: Cover): Path[] => eachOnce(allPaths(graph, cover));

const allPaths = (graph: readonly Edge[], cover: Cover): Path[] => {
  const ways = shortestWays(graph);
  const edges = graph.map((edge) => [...(ways.get(describeSituation(edge.from)) ?? []), edge]);
  if (cover === 'edge') return edges.map(makePath);
  const outgoing = groupByOrigin(graph);
  return edges.flatMap((steps) => {
    const last = steps.at(-1);
    const next = last === undefined ? [] : (outgoing.get(describeSituation(last.to)) ?? []);
    // If no event can follow, cover the edge alone.
    return next.length === 0 ? [makePath(steps)] : next.map((edge) => makePath([...steps, edge]));
  });
};

/** For example "claim, register x16, phone leaves". */
export const describeEvents = (events: readonly WireEvent[]): string => {
  const runs: { event: WireEvent; times: number }[] = [];
  for (const event of events) {
    const last = runs.at(-1);
    if (last?.event === event) last.times++;
    else runs.push({ event, times: 1 });
  }
  return runs.map(({ event, times }) => (times > 1 ? `${event} x${times}` : event)).join(', ');
};

export const describePath = ({ steps }: Path): string => describeEvents(steps.map(({ event }) => event));

/** The graph of situations as Mermaid text. Situations that behave alike, and differ only in the number of phones, are one state. */
import type { Edge } from './server-graph.ts';
import { describeSituation, type Situation, type WireEvent } from './wire-events.ts';

/** Situations of consecutive numbers of phones, fewest first. */
type Run = readonly [Situation, ...Situation[]];

const describeRun = (run: Run): string => {
  const [first] = run;
  const last = run.at(-1) ?? first;
  const description = describeSituation(last);
  return first === last ? description : description.replace(', ', `, ${first.phones} to `);
};

/** Whether each event brings, takes or keeps phones, and where it leads: the same for 2 phones as for 3, but not at the cap. */
const behaviourOf = (situation: Situation, graph: readonly Edge[]): string =>
  graph
    .filter(({ from }) => describeSituation(from) === describeSituation(situation))
    .map(({ from, event, to }) => `${event} ${to.slot} ${to.line} ${Math.sign(to.phones - from.phones)}`)
    .toSorted()
    .join('; ');

/** The run of each situation, by its description; those that the graph reaches first come first. */
const runsOf = (graph: readonly Edge[]): ReadonlyMap<string, Run> => {
  const situations = new Map(
    graph.flatMap(({ from, to }) => [from, to]).map((each) => [describeSituation(each), each]),
  );
  const runs = new Map<string, Run>();
  const reached = [...situations.values()];
  for (const first of reached.toSorted((a, b) => a.phones - b.phones)) {
    const fewer = runs.get(describeSituation({ ...first, phones: first.phones - 1 }));
    const isAlike = fewer !== undefined && behaviourOf(fewer[0], graph) === behaviourOf(first, graph);
    const run: Run = isAlike ? [...fewer, first] : [first];
    for (const each of run) runs.set(describeSituation(each), run);
  }
  return new Map(
    [...situations.keys()].flatMap((key) => {
      const run = runs.get(key);
      return run === undefined ? [] : [[key, run]];
    }),
  );
};

/** ` at 15 phones` if the same event also leads elsewhere from this run, and only happens there in one situation of it. */
const placeOf = (froms: readonly Situation[], targets: number): string => {
  const [only, ...others] = froms;
  if (targets < 2 || only === undefined || others.length > 0) return '';
  return ` at ${only.phones} ${only.phones === 1 ? 'phone' : 'phones'}`;
};

/** Events by the place where they happen: `phone leaves / dismiss at 1 phone`. */
const labelOf = (eventsByPlace: ReadonlyMap<string, readonly WireEvent[]>): string =>
  [...eventsByPlace].map(([place, events]) => `${events.join(' / ')}${place}`).join(' / ');

/** Draws one arrow per pair of states, labelled with all events between them. */
export const graphMermaid = (graph: readonly Edge[]): string => {
  const runs = runsOf(graph);
  const ids = new Map([...new Set(runs.values())].map((run, n) => [run, `s${n}`]));
  const idOf = (situation: Situation): string => {
    const run = runs.get(describeSituation(situation));
    return (run && ids.get(run)) ?? '';
  };
  /** By state, event and the state it leads to: the situations that it happens in. */
  const moves = new Map<string, Map<WireEvent, Map<string, Situation[]>>>();
  for (const { from, event, to } of graph) {
    const byEvent = moves.get(idOf(from)) ?? new Map<WireEvent, Map<string, Situation[]>>();
    const byTarget = byEvent.get(event) ?? new Map<string, Situation[]>();
    byTarget.set(idOf(to), [...(byTarget.get(idOf(to)) ?? []), from]);
    moves.set(idOf(from), byEvent.set(event, byTarget));
  }
  const arrows = new Map<string, Map<string, WireEvent[]>>();
  for (const [source, byEvent] of moves) {
    for (const [event, byTarget] of byEvent) {
      for (const [target, froms] of byTarget) {
        const arrow = `${source} --> ${target}`;
        const byPlace = arrows.get(arrow) ?? new Map<string, WireEvent[]>();
        const place = placeOf(froms, byTarget.size);
        arrows.set(arrow, byPlace.set(place, [...(byPlace.get(place) ?? []), event]));
      }
    }
  }
  return [
    'stateDiagram-v2',
    '  [*] --> s0',
    ...[...ids].map(([run, id]) => `  state "${describeRun(run)}" as ${id}`),
    ...[...arrows].map(([arrow, events]) => `  ${arrow} : ${labelOf(events)}`),
    '',
  ].join('\n');
};

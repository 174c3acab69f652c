/** The covers of `testing/covers.ts`, for the graph of one server-id. */
import {
  type Cover,
  coverPaths as coverAny,
  eachOnce as eachOfAnyOnce,
  type Path as PathOf,
} from '../testing/covers.ts';
import type { Edge } from './server-graph.ts';
import { describeSituation, type Situation } from './wire-events.ts';

export { COVERS, type Cover, describeEvents, describePath } from '../testing/covers.ts';
export type Path = PathOf<Edge>;

const START: Situation = { slot: 'unclaimed', phones: 0, line: 0 };

export const eachOnce = (paths: readonly Path[]): Path[] => eachOfAnyOnce(paths);

export const coverPaths = (graph: readonly Edge[], cover: Cover): Path[] =>
  coverAny(graph, { cover, start: START, key: describeSituation });

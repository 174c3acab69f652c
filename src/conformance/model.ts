/** The paths that users run: everything that the wire can show of one server-id at a given cap. */

import { MAX_CLAIMANTS } from '../protocol/limits.ts';
import { type Cover, coverPaths, eachOnce, type Path } from './covers.ts';
import { type Edge, type ServerLogic, serverGraph } from './server-graph.ts';

/** Without a cap, this many phones show that there is none. */
export const MOST_PHONES_UNCAPPED = 5;
/** Two claimants show how a line works; the long line below shows its limit. */
export const SHORT_LINE = 1;

export interface ModelOptions {
  /** As the target is configured; 0 for no cap. */
  readonly maxPhones: number;
  readonly cover: Cover;
}

/** Every situation with up to two claimants, and the result of each event in it. */
export const modelGraph = (maxPhones: number, machine?: ServerLogic): Edge[] => {
  const mostPhones = maxPhones > 0 ? maxPhones : MOST_PHONES_UNCAPPED;
  return serverGraph({ maxPhones, mostPhones, mostInLine: SHORT_LINE }, machine);
};

/** The line of claimants up to its limit and one beyond it, with at most one phone. */
export const longLineGraph = (machine?: ServerLogic): Edge[] =>
  serverGraph({ maxPhones: 1, mostPhones: 0, mostInLine: MAX_CLAIMANTS }, machine);

/** With pairs: what happens next to a line that is full, too. */
export const modelPaths = ({ maxPhones, cover }: ModelOptions): Path[] => {
  const longLine = coverPaths(longLineGraph(), cover).filter(({ steps }) =>
    steps.slice(cover === 'pairs' ? -2 : -1).some(({ from }) => from.line === MAX_CLAIMANTS),
  );
  return eachOnce([...coverPaths(modelGraph(maxPhones), cover), ...longLine]);
};

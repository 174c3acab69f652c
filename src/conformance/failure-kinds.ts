/** One line per kind of failure. A fault of the target shows on many paths, and after several events. */
import { describeFailure, type Failure } from './run-path.ts';
import { IN_ITS_PLACE, IN_THE_END } from './target.ts';

const NOTICE = 'expected close notice ';
/** How late a notice came, which follows, differs from run to run. */
const HOW_LATE = ', got it after ';
/** Other events that are named on a line. */
const MOST_NAMED = 3;

const isAside = ({ problem }: Failure): boolean => problem.startsWith(IN_THE_END);

/**
 * The same problem is the same kind, whatever came before it. The phone that registers at the end of each path says nothing of that
 * path; and a notice that does not come, or comes late, is one fault, whichever phone and code it should have and however late it is.
 */
const kindOf = (failure: Failure): string => {
  const own = isAside(failure) ? failure.problem.slice(IN_THE_END.length) : failure.problem;
  const [problem = own] = own.split(HOW_LATE);
  const notice = problem.startsWith(IN_ITS_PLACE) ? problem.slice(IN_ITS_PLACE.length) : problem;
  return notice.startsWith(NOTICE) ? `${NOTICE}${notice.slice(NOTICE.length + '1000'.length)}` : problem;
};

/** The shortest path that shows it by its own events, if there is one. */
const clearest = (failures: readonly Failure[]): Failure | undefined =>
  failures.toSorted(
    (a, b) => Number(isAside(a)) - Number(isAside(b)) || a.events.length - b.events.length,
  )[0];

/** For example " (and 7 more like it, also after phone drops)". */
const describeOthers = (shown: Failure, all: readonly Failure[]): string => {
  if (all.length === 1) return '';
  const others = all.filter((failure) => !isAside(failure)).map(({ events }) => events.at(-1));
  const events = [...new Set(others)].filter((event) => event !== shown.events.at(-1));
  const named = events.length > MOST_NAMED ? [...events.slice(0, MOST_NAMED), '...'] : events;
  const also = named.length === 0 ? '' : `, also after ${named.join(', ')}`;
  return ` (and ${all.length - 1} more like it${also})`;
};

/** With the shortest path that shows each, and the id to run it again. */
export const failureLines = (failures: readonly Failure[]): string[] => {
  const kinds = new Map<string, Failure[]>();
  for (const failure of failures)
    kinds.set(kindOf(failure), [...(kinds.get(kindOf(failure)) ?? []), failure]);
  return [...kinds.values()].flatMap((alike) => {
    const shown = clearest(alike);
    if (shown === undefined) return [];
    return `FAIL ${describeFailure(shown)}${describeOthers(shown, alike)}   --only ${shown.pathId}`;
  });
};

/** What is said of a transition that is pointed at. */
import { causeOf } from './causes.ts';
import type { ChartData, ChartTransition } from './chart-data.ts';

/** "binary.claimed [isHolder]: a binary dials with this server-id → probing / joinLine" */
const explanationOf = ({ event, trigger, actions, target }: ChartTransition): string =>
  [
    `${trigger === '' ? 'always' : trigger}: ${causeOf(event)}`,
    target === null ? '' : `→ ${target}`,
    actions === '' ? '' : `/ ${actions}`,
  ]
    .filter((part) => part !== '')
    .join(' ');

/** By the hook of the transition. */
export const explanationsOf = (data: ChartData): ReadonlyMap<string, string> =>
  new Map(
    data
      .active(data.ids)
      .flatMap(({ transitions }) => transitions)
      .map((transition) => [transition.hook, explanationOf(transition)]),
  );

/** One step of a recording: the state after it, and the events up to it. For a file, and for the past of a running relay. */
import type { ReplayPageServer, ReplayPageState } from '../replay-page-data.ts';
import { edgeHook } from './chart-hooks.ts';
import type { ChartView } from './chart-view.ts';
import { byId, element, setText } from './dom.ts';
import type { NextView } from './next-view.ts';
import type { Names } from './peer-names.ts';
import type { PeopleView } from './people-view.ts';
import type { SequenceView } from './sequence-view.ts';
import { describeEvent, timeOfDay } from './timeline-view.ts';
import { messageText, sentence } from './words.ts';

export interface StepViews {
  readonly chart: ChartView;
  readonly next: NextView;
  readonly people: PeopleView;
  readonly sequence: SequenceView;
  readonly names: Names;
}

/** The state and all its ancestors: `claimed.held.live` also activates `claimed.held`, `claimed` and the root. */
export const activeStates = (state: string): string[] => {
  const parts = state === '' ? [] : state.split('.');
  return ['server', ...parts.map((_, i) => ['server', ...parts.slice(0, i + 1)].join('.'))];
};

const FIELDS = ['state', 'status', 'binaryId', 'phones', 'claimants'] as const;

/** For example "state: recorded claimed.grace, now claimed.held.live". */
const differences = (recorded: ReplayPageState, now: ReplayPageState): string =>
  FIELDS.filter((field) => String(recorded[field]) !== String(now[field]))
    .map((field) => `${field}: recorded ${String(recorded[field])}, now ${String(now[field])}`)
    .join('; ');

export const isGrace = (state: string): boolean => state.endsWith('.grace');

export const showBadge = (state: string): void => {
  const badge = byId('server-state');
  setText(badge, state);
  badge.className = `badge ${state}`;
};

/** Lists all steps in the timeline, newest first. @param choose called with the number of a step */
export const listSteps = (server: ReplayPageServer, names: Names, choose: (at: number) => void): void => {
  const items = server.steps.map(({ events, recorded }, i) => {
    const [heard, ...told] = events;
    const item = element('li', '', recorded === null ? '' : 'refused');
    item.dataset['hooks'] = heard.taken.map(edgeHook).join(' ');
    const body = describeEvent(heard, names);
    for (const { to, message } of told) {
      const text = `↳ ${names.party(to.connId, to.role)}: ${messageText(message, names)}`;
      body.append(element('span', text, 'emitted'));
    }
    if (recorded !== null)
      body.append(element('span', `recorded: ${recorded.state}`, 'emitted refused-mark'));
    item.append(element('time', timeOfDay(heard.atMs)), body);
    item.addEventListener('click', () => choose(i + 1));
    return item;
  });
  byId('timeline').replaceChildren(...items.toReversed());
};

const markStep = (server: ReplayPageServer, at: number): void => {
  const list = byId('timeline');
  for (const [i, item] of [...list.children].entries()) {
    const step = server.steps.length - i;
    item.classList.toggle('here', step === at);
    item.classList.toggle('later', step > at);
    if (step !== at || !(item instanceof HTMLElement)) continue;
    // Not `scrollIntoView`, which would scroll the page, too.
    const top = item.offsetTop - list.offsetTop;
    if (top < list.scrollTop || top + item.offsetHeight > list.scrollTop + list.clientHeight) {
      list.scrollTop = top - list.clientHeight / 3;
    }
  }
};

/** @param at number of the step; 0 is before the first one */
export const showStep = (
  { chart, next, people, sequence, names }: StepViews,
  server: ReplayPageServer,
  maxPhones: number,
  at: number,
): void => {
  const step = server.steps[at - 1];
  const shown = step?.after ?? server.before;
  const { state, status, binaryId, phones, claimants } = shown;
  const states = activeStates(state);
  chart.show(states);
  chart.lightOnly(step?.events[0].taken ?? []);
  setText(byId('server-meaning'), chart.data.meaning(states));
  next.show(chart.data, states, []);
  people.show(
    { binaryId, line: claimants, phones, maxPhones, isAway: isGrace(state), connections: [], wakes: null },
    names,
  );
  sequence.set(server.steps.slice(0, at).flatMap(({ events }) => events));
  showBadge(status === 'error' ? 'broken' : (state.split('.').at(-1) ?? state));
  const what = step === undefined ? 'before the first recorded event' : sentence(step.events[0], names);
  setText(byId('step'), `${at} of ${server.steps.length}: ${what}`);
  const recorded = step?.recorded;
  const note = recorded ? `This version of the chart diverges here: ${differences(recorded, shown)}.` : '';
  setText(byId('server-note'), note);
  markStep(server, at);
};

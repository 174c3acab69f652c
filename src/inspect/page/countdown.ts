/** Countdowns of running timers. The page counts by itself: the relay says only what was left when it last wrote. */
import type { TimerView } from '../updates.ts';
import { element, setText } from './dom.ts';
import { duration, eventName } from './words.ts';

const TICK_MS = 100;

interface Running {
  readonly bar: HTMLProgressElement;
  readonly text: HTMLElement;
  readonly dueAtMs: number;
}

let running: Running[] = [];

const show = ({ bar, text, dueAtMs }: Running): void => {
  const leftMs = Math.max(0, dueAtMs - performance.now());
  bar.value = leftMs;
  setText(text, leftMs === 0 ? 'due' : duration(leftMs));
};

window.setInterval(() => {
  running = running.filter(({ bar }) => bar.isConnected);
  for (const each of running) show(each);
}, TICK_MS);

/** "gracePeriod ▓▓▓░░ 4.2 s" */
export const countdown = ({ event, leftMs, delayMs }: TimerView): HTMLElement => {
  const box = element('span', '', 'countdown');
  const bar = document.createElement('progress');
  bar.max = Math.max(1, delayMs);
  const name = eventName(event).replace('after ', '');
  bar.setAttribute('aria-label', `time left of ${name}`);
  const text = element('span', '', 'left');
  box.append(element('span', name, 'timer'), bar, text);
  const each = { bar, text, dueAtMs: performance.now() + leftMs };
  show(each);
  running.push(each);
  return box;
};

/** A replay as text: one line per step, in columns. */
import { BEGINNING, type RecordedEvent, type RecordedState } from './recorded-state.ts';
import type { ServerRecording } from './recording.ts';
import type { ReplayStep } from './replay.ts';

/** Without a cap, a server-id can have hundreds of phones. */
const MOST_IDS_SHOWN = 16;
const TIMER = /^xstate\.after\.([^.]+)\./;

/** Escapes control characters: a recording may come from anyone, and its text must not control the terminal. */
const printable = (text: string): string =>
  text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);

const listed = (ids: readonly string[]): string => {
  const shown = ids.slice(0, MOST_IDS_SHOWN).join(' ');
  return ids.length > MOST_IDS_SHOWN ? `${shown} and ${ids.length - MOST_IDS_SHOWN} more` : shown;
};

const describeEvent = ({ type, connId, binaryId, closeCode, isTooLong }: RecordedEvent): string => {
  if (type === BEGINNING) return 'new server actor';
  if (type === 'xstate.stop') return 'stopped with the relay';
  const [, timer] = TIMER.exec(type) ?? [];
  if (timer !== undefined) return `${timer} is over`;
  const code = closeCode === undefined ? undefined : `with ${closeCode}`;
  const fit = isTooLong === true ? 'after a frame that did not fit' : undefined;
  const binary = binaryId === undefined ? undefined : `under ${binaryId}`;
  return printable([type, connId, code, fit, binary].filter((part) => part !== undefined).join(' '));
};

/** In any other state, `binaryId` is the previous holder. */
const HELD = 'claimed.held.';

const describeState = ({ state, status, binaryId, phones, claimants }: RecordedState): string => {
  const parts = [state];
  if (status === 'error') parts.push('BROKEN');
  if (status === 'stopped') parts.push('stopped');
  if (binaryId !== null) parts.push(`${state.startsWith(HELD) ? '' : 'last '}binary ${binaryId}`);
  if (phones.length > 0) parts.push(`phones ${listed(phones)}`);
  if (claimants.length > 0) parts.push(`in line ${listed(claimants)}`);
  return printable(parts.join(', '));
};

/** Time of day in UTC. */
const clockTime = (t: number): string => new Date(t).toISOString().slice(11, 23);

const TIME_WIDTH = 12;

/** Lines for the server-id, its initial state, and each event with the state after it. */
export const replayLines = (
  { serverId, before }: ServerRecording,
  steps: readonly ReplayStep[],
): string[] => {
  const events = steps.map(({ event }) => describeEvent(event));
  const indexWidth = String(steps.length).length + 2;
  const eventWidth = Math.max(0, ...events.map((event) => event.length));
  const row = (index: string, time: string, event: string, state: string): string =>
    `${index.padStart(indexWidth)}  ${time.padEnd(TIME_WIDTH)}  ${event.padEnd(eventWidth)}  ${state}`;
  return [
    printable(serverId),
    row('', '', '', describeState(before)),
    ...steps.map(({ index, t, replayed, diverges }, at) =>
      row(`${diverges ? '≠ ' : ''}${index}`, clockTime(t), events[at] ?? '', describeState(replayed)),
    ),
  ];
};

export const divergenceLine = ({ serverId, index, line, recorded, replayed }: ReplayStep): string =>
  `${printable(serverId)} diverges at event ${index} (line ${line}): ` +
  `recorded ${describeState(recorded)}; replayed ${describeState(replayed)}`;

/** A replay as text: one line per step, in columns. */
import { visibleText } from '../protocol/visible-text.ts';
import type { RecordedServer } from './read-recording.ts';
import { BEGINNING, type RecordedEvent, type RecordedState } from './recorded-state.ts';
import { RECORDS_PER_SERVER_ID } from './recorder-limits.ts';
import type { ReplayStep } from './replay.ts';

/** As many as a recorder keeps of a server-id: what a relay has recorded is aligned as a whole. */
const STEPS_ALIGNED = RECORDS_PER_SERVER_ID;
/** Without a cap, a server-id can have hundreds of phones. */
const MOST_IDS_SHOWN = 16;
const TIMER = /^xstate\.after\.([^.]+)\./;

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
  return visibleText([type, connId, code, fit, binary].filter((part) => part !== undefined).join(' '));
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
  return visibleText(parts.join(', '));
};

/** Time of day in UTC. */
const clockTime = (t: number): string => new Date(t).toISOString().slice(11, 23);

const TIME_WIDTH = 12;

/** One server-id as lines: its name, its initial state, and each event with the state after it. */
export class ServerReport {
  readonly #server: RecordedServer;
  /** The first steps, which set the widths of the columns; undefined once they are written. */
  #first: ReplayStep[] | undefined = [];
  #indexWidth = 0;
  #eventWidth = 0;

  constructor(server: RecordedServer) {
    this.#server = server;
  }

  /** @returns the lines that are due */
  add(step: ReplayStep): string[] {
    if (this.#first === undefined) return [this.#stepRow(step)];
    this.#first.push(step);
    return this.#first.length < STEPS_ALIGNED ? [] : this.#writeFirst(this.#first);
  }

  /** @returns the lines that are left */
  end(): string[] {
    return this.#first === undefined ? [] : this.#writeFirst(this.#first);
  }

  #writeFirst(steps: readonly ReplayStep[]): string[] {
    this.#first = undefined;
    this.#indexWidth = String(steps.length).length + 2;
    for (const { event } of steps) {
      this.#eventWidth = Math.max(this.#eventWidth, describeEvent(event).length);
    }
    const { serverId, before } = this.#server;
    return [
      visibleText(serverId),
      this.#row('', '', '', describeState(before)),
      ...steps.map((step) => this.#stepRow(step)),
    ];
  }

  #stepRow({ index, t, event, replayed, diverges }: ReplayStep): string {
    const mark = diverges ? '≠ ' : '';
    return this.#row(`${mark}${index}`, clockTime(t), describeEvent(event), describeState(replayed));
  }

  #row(index: string, time: string, event: string, state: string): string {
    const columns = [
      index.padStart(this.#indexWidth),
      time.padEnd(TIME_WIDTH),
      event.padEnd(this.#eventWidth),
    ];
    return `${columns.join('  ')}  ${state}`;
  }
}

export const divergenceLine = ({ serverId, index, line, recorded, replayed }: ReplayStep): string =>
  `${visibleText(serverId)} diverges at event ${index} (line ${line}): ` +
  `recorded ${describeState(recorded)}; replayed ${describeState(replayed)}`;

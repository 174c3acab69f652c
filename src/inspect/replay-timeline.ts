/** Converts a replay to entries of the live timeline: what the server was told, and what it then told its connections. */
import { describeMessage } from './message.ts';
import { DIRECTORY_PARTY, SERVER_PARTY } from './parties.ts';
import type { RecordedState } from './recorded-state.ts';
import type { ReplayEvent } from './recording-format.ts';
import type { ReplayStep } from './replay.ts';
import type { ServerRecording } from './server-recordings.ts';
import type { Party, TimelineEvent } from './updates.ts';

/** A recording shows the role of a connection only by its place in the state. */
const rolesIn = ({ before, records }: ServerRecording): ReadonlyMap<string, Party['role']> => {
  const roles = new Map<string, Party['role']>();
  const note = (role: Party['role'], ids: readonly (string | null)[]): void => {
    for (const id of ids) if (id !== null) roles.set(id, role);
  };
  const noteState = ({ binaryId, claimants, phones }: RecordedState): void => {
    note('binary', [binaryId, ...claimants]);
    note('phone', phones);
  };
  noteState(before);
  for (const { event, after } of records) {
    noteState(after);
    if ('connId' in event) note(event.type.startsWith('binary.') ? 'binary' : 'phone', [event.connId]);
  }
  return roles;
};

/** Names the parties of a replay, which knows only what a connection told the server and was told by it. */
export class ReplayTimeline {
  readonly #roles: ReadonlyMap<string, Party['role']>;
  #last = 0;

  constructor(server: ServerRecording) {
    this.#roles = rolesIn(server);
  }

  /** @returns what the server was told, then what it told its connections */
  describe({ t, event, replayed, told, taken }: ReplayStep): readonly [TimelineEvent, ...TimelineEvent[]] {
    const common = { atMs: t, isIgnored: false, orders: [], reports: [] };
    const from = this.#senderOf(event, replayed);
    const heard: TimelineEvent = {
      ...common,
      n: ++this.#last,
      from,
      to: SERVER_PARTY,
      message: describeMessage(event, from),
      state: replayed.state,
      taken,
      isIgnored: taken.length === 0 && !event.type.startsWith('xstate.'),
    };
    const said = told.flatMap(({ connIds, event: command }) =>
      connIds.map((connId): TimelineEvent => {
        const to = this.#connection(connId);
        const message = describeMessage(command, to);
        return { ...common, n: ++this.#last, from: SERVER_PARTY, to, message, state: '', taken: [] };
      }),
    );
    return [heard, ...said];
  }

  #senderOf(event: ReplayEvent, { binaryId }: RecordedState): Party {
    switch (event.type) {
      case 'binary.claimed':
      case 'phone.registered':
      case 'drain':
        return DIRECTORY_PARTY;
      case 'phone.dismissed':
        return binaryId === null ? DIRECTORY_PARTY : this.#connection(binaryId);
      default:
        return 'connId' in event ? this.#connection(event.connId) : SERVER_PARTY;
    }
  }

  #connection(connId: string): Party {
    return { kind: 'connection', connId, role: this.#roles.get(connId) ?? '' };
  }
}

/**
 * Names for the connections of one server-id, easier to follow than their ids: binaries are numbered and phones lettered, in
 * the order in which they came since the server-id was claimed.
 */
import type { ReplayPageState } from '../replay-page-data.ts';
import type { Party, TimelineEvent } from '../updates.ts';

type Role = Party['role'];

/** How the parties of an event are called. */
export interface Names {
  /** As the sender or the recipient: "phone A". */
  readonly party: (connId: string, role: Role) => string;
  /** As what an event is about. */
  readonly about: (connId: string, role: Role) => string;
}

/** Roles and ids as they are. */
export const OWN_NAMES: Names = {
  party: (connId, role) => `${role} ${connId}`,
  about: (connId) => connId,
};

const LETTERS = 26;

/** A to Z, then AA. */
const letters = (n: number): string =>
  (n < LETTERS ? '' : letters(Math.floor(n / LETTERS) - 1)) + String.fromCodePoint(65 + (n % LETTERS));

/** Events about a binary say so; all others are about a phone. */
export const roleOf = (type: string): Role => (type.startsWith('binary.') ? 'binary' : 'phone');

export class PeerNames implements Names {
  readonly #names = new Map<string, string>();
  #binaries = 0;
  #phones = 0;
  #isReleased = true;

  readonly party = (connId: string, role: Role): string => this.#names.get(connId) ?? this.#add(connId, role);
  readonly about = this.party;

  /** Those that a server-id had before its first event. */
  begin({ state, binaryId, claimants, phones }: ReplayPageState): void {
    this.#isReleased = state === 'unclaimed' || state === 'released';
    for (const connId of [...(binaryId === null ? [] : [binaryId]), ...claimants])
      this.party(connId, 'binary');
    for (const connId of phones) this.party(connId, 'phone');
  }

  /** Events in their order. Whoever dials is named when its server is told. */
  note({ from, to, message, state }: TimelineEvent): void {
    if (to.kind !== 'server') return;
    if (this.#isReleased) [this.#binaries, this.#phones] = [0, 0];
    this.#isReleased = state === 'released';
    if (from.connId !== '') this.party(from.connId, from.role);
    if (message.connId !== '') this.party(message.connId, roleOf(message.type));
  }

  #add(connId: string, role: Role): string {
    const name = role === 'phone' ? `phone ${letters(this.#phones++)}` : `binary ${++this.#binaries}`;
    this.#names.set(connId, name);
    return name;
  }
}

/** Rows of the overview: state and counts of every server-id. Tracks which rows changed since the last update. */
import type { ServerRef, ServerSnapshot } from '../machines/server-view.ts';
import { ROWS_PER_UPDATE } from './inspect-limits.ts';
import type { Row, ServerState } from './updates.ts';

/** Reads the value itself: `matches` takes ten times as long, and in a storm this runs twenty thousand times a second. */
const stateOf = ({ status, value }: ServerSnapshot): ServerState => {
  if (status !== 'active') return 'released';
  if (typeof value === 'string') return 'unclaimed';
  const claimed = value.claimed;
  if (typeof claimed !== 'object') return 'grace';
  return claimed.held === 'probing' ? 'probing' : 'live';
};

const noServers = (): Record<ServerState, number> => ({
  unclaimed: 0,
  live: 0,
  probing: 0,
  grace: 0,
  released: 0,
});

export class Roster {
  readonly #rows = new Map<string, Row>();
  readonly #dirty = new Set<string>();
  #counts = noServers();

  get counts(): Readonly<Record<ServerState, number>> {
    return this.#counts;
  }

  get serverIds(): string[] {
    return [...this.#rows.keys()];
  }

  row(serverId: string): Row | undefined {
    return this.#rows.get(serverId);
  }

  /** Begins anew when the first page opens, because no events were seen before: every row is a change. */
  reset(serverIds: Iterable<string>): void {
    this.#rows.clear();
    this.#dirty.clear();
    this.#counts = noServers();
    for (const serverId of serverIds) this.#dirty.add(serverId);
  }

  touch(serverId: string): void {
    this.#dirty.add(serverId);
  }

  /** Returns rows that have changed, and server-ids that are gone, since they were last returned: a bounded number at a time. */
  takeChanges(servers: ReadonlyMap<string, ServerRef>): { readonly changed: Row[]; readonly gone: string[] } {
    const changed: Row[] = [];
    const gone: string[] = [];
    for (const serverId of this.#dirty) {
      if (changed.length + gone.length >= ROWS_PER_UPDATE) break;
      this.#dirty.delete(serverId);
      const ref = servers.get(serverId);
      if (ref !== undefined && ref.getSnapshot().status === 'active') changed.push(this.#set(serverId, ref));
      else if (this.#remove(serverId)) gone.push(serverId);
    }
    return { changed, gone };
  }

  #set(serverId: string, ref: ServerRef): Row {
    this.#remove(serverId);
    const snapshot = ref.getSnapshot();
    const { phones, claimants } = snapshot.context;
    const row: Row = [serverId, stateOf(snapshot), phones.length, claimants.length];
    this.#rows.set(serverId, row);
    this.#counts[row[1]]++;
    return row;
  }

  #remove(serverId: string): boolean {
    const row = this.#rows.get(serverId);
    if (row === undefined) return false;
    this.#counts[row[1]]--;
    return this.#rows.delete(serverId);
  }
}

/**
 * Counts binaries and phones over all server-ids. The totals follow each server actor's snapshot as it changes: reading
 * them is O(1) for any number of actors, and they cannot drift from the actors.
 */
import { liveBinary, type ServerRef, type ServerSnapshot } from '../machines/server-view.ts';

export class Census {
  #binaries = 0;
  #phones = 0;

  /** Binaries that hold a server-id; excludes those in grace (spec section 3, "Counting"). */
  get binaries(): number {
    return this.#binaries;
  }

  /** Registered phones; includes those of binaries in grace. */
  get phones(): number {
    return this.#phones;
  }

  /** Includes a server actor in the totals until it stops. */
  track(ref: ServerRef): void {
    let binaries = 0;
    let phones = 0;
    const set = (nowBinaries: number, nowPhones: number): void => {
      this.#binaries += nowBinaries - binaries;
      this.#phones += nowPhones - phones;
      binaries = nowBinaries;
      phones = nowPhones;
    };
    ref.subscribe({
      next: (snapshot: ServerSnapshot) =>
        set(liveBinary(snapshot) === null ? 0 : 1, snapshot.context.phones.length),
      error: () => set(0, 0),
      complete: () => set(0, 0),
    });
  }
}

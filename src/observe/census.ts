/**
 * How many binaries and phones there are, over all server-ids. Each server actor's part is taken from its snapshot
 * whenever that changes, so a count costs nothing to read however many actors there are, and cannot drift from them.
 */
import { liveBinary, type ServerRef, type ServerSnapshot } from '../machines/server-view.ts';

export class Census {
  #binaries = 0;
  #phones = 0;

  /** Binaries that hold a slot; those in grace do not count (spec section 3, "Counting"). */
  get binaries(): number {
    return this.#binaries;
  }

  /** Registered phones, those of a binary in grace included. */
  get phones(): number {
    return this.#phones;
  }

  /** Counts a server actor in from now on, and out when it ends. */
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

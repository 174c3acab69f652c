/**
 * Counts binaries and phones over all server-ids. The totals follow each server actor's snapshot as it changes: reading
 * them is O(1) for any number of actors, and they cannot drift from the actors.
 */
import { liveBinary, type ServerRef, type ServerSnapshot } from '../machines/server-view.ts';

/** What one server actor adds to the totals. */
class Share {
  readonly #census: Census;
  #binaries = 0;
  #phones = 0;

  constructor(census: Census) {
    this.#census = census;
  }

  next(snapshot: ServerSnapshot): void {
    this.#set(liveBinary(snapshot) === null ? 0 : 1, snapshot.context.phones.length);
  }

  error(): void {
    this.#set(0, 0);
  }

  complete(): void {
    this.#set(0, 0);
  }

  #set(binaries: number, phones: number): void {
    this.#census.add(binaries - this.#binaries, phones - this.#phones);
    this.#binaries = binaries;
    this.#phones = phones;
  }
}

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

  add(binaries: number, phones: number): void {
    this.#binaries += binaries;
    this.#phones += phones;
  }

  /** Includes a server actor in the totals until it stops. An object per actor, and no closures: thousands may be in grace. */
  track(ref: ServerRef): void {
    ref.subscribe(new Share(this));
  }
}

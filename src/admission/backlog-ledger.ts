/**
 * The bytes that are queued for, or received from, all connections together. Pure: who holds what is told to it, and it is asked
 * whether that is too much, and who holds most.
 */

/** Above this share of the limit, the phones of a slow binary are paused early. */
const TIGHT_SHARE = 0.5;
/** Connections are closed until no more than this share of the limit is left: otherwise each new frame would close one. */
const LOW_SHARE = 0.875;

interface Ledger<Owner> {
  changed(bytes: number): void;
  closed(account: BacklogAccount<Owner>): void;
}

/** What one connection holds. Closing connections hold until their socket has ended. */
export class BacklogAccount<Owner> {
  readonly owner: Owner;
  readonly #ledger: Ledger<Owner>;
  #bytes = 0;
  #receivedBytes = 0;
  #isClosed = false;

  constructor(owner: Owner, ledger: Ledger<Owner>) {
    this.owner = owner;
    this.#ledger = ledger;
  }

  /** Queued and received. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds to what is queued; negative to release. */
  charge(bytes: number): void {
    if (this.#isClosed) return;
    this.#bytes += bytes;
    this.#ledger.changed(bytes);
  }

  /** Replaces what is held of messages that were received and not forwarded. */
  receive(bytes: number): void {
    if (bytes === this.#receivedBytes) return;
    this.charge(bytes - this.#receivedBytes);
    this.#receivedBytes = bytes;
  }

  /** Releases all. A write that ends later changes nothing. */
  close(): void {
    if (this.#isClosed) return;
    this.charge(-this.#bytes);
    this.#isClosed = true;
    this.#ledger.closed(this);
  }
}

export class BacklogLedger<Owner> {
  readonly #accounts = new Set<BacklogAccount<Owner>>();
  readonly #whenFull: () => void;
  #limitBytes: number;
  #totalBytes = 0;

  /** @param whenFull called whenever a charge leaves more than the limit */
  constructor(limitBytes: number, whenFull: () => void) {
    this.#limitBytes = limitBytes;
    this.#whenFull = whenFull;
  }

  open(owner: Owner): BacklogAccount<Owner> {
    const account = new BacklogAccount(owner, this.#books);
    this.#accounts.add(account);
    return account;
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  get limitBytes(): number {
    return this.#limitBytes;
  }

  set limitBytes(bytes: number) {
    this.#limitBytes = bytes;
    this.#books.changed(0);
  }

  /** Connections are closed down to here. */
  get lowBytes(): number {
    return this.#limitBytes * LOW_SHARE;
  }

  get isFull(): boolean {
    return this.#totalBytes > this.#limitBytes;
  }

  /** Senders into long queues are paused early. */
  get isTight(): boolean {
    return this.#totalBytes > this.#limitBytes * TIGHT_SHARE;
  }

  /**
   * At most `count` of those who hold anything and `mayGo`, the largest first; of equals, the one that was opened first. Sorts all of
   * them: only for when connections must go.
   */
  largestFirst(count: number, mayGo: (owner: Owner) => boolean = () => true): BacklogAccount<Owner>[] {
    const accounts = [...this.#accounts].filter(({ owner }) => mayGo(owner));
    const { length } = accounts;
    // As numbers they are sorted natively. With a function that compares two accounts, 4,000 took 3 ms.
    const keys = Float64Array.from(
      accounts,
      ({ bytes }, index) => bytes * length + (length - 1 - index),
    ).sort();
    const largest: BacklogAccount<Owner>[] = [];
    for (const key of keys.subarray(-count).reverse()) {
      const account = accounts[length - 1 - (key % length)];
      if (account === undefined || account.bytes === 0) break;
      largest.push(account);
    }
    return largest;
  }

  /** What an account may change. */
  readonly #books: Ledger<Owner> = {
    changed: (bytes) => {
      this.#totalBytes += bytes;
      if (bytes >= 0 && this.isFull) this.#whenFull();
    },
    closed: (account) => void this.#accounts.delete(account),
  };
}

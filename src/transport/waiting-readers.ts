/**
 * The sockets that have read their share and wait for another turn (docs/adr/0008). Addresses take turns, because server-ids
 * and sockets cost a peer nothing; then the lanes of one address; then the readers of one lane.
 */

/** Fairness group. Any value works as a key; readers of one address with the same key share one lane. */
export type Lane = string | object;

export interface Reader {
  /** The subscriber's network. */
  readonly address: Lane;
  readonly lane: Lane;
  /** @returns false if paused or closed; the next reader in the lane gets this turn */
  takeTurn(): boolean;
}

interface Queue {
  /** Longest waiting first. */
  readonly readers: Reader[];
  /** The turn in which this lane was served last. */
  servedIn: number;
}

/** Both are in the order in which they will be served. Those without readers are removed. */
type Lanes = Map<Lane, Queue>;
type Addresses = Map<Lane, Lanes>;

const firstOf = <Value>(map: ReadonlyMap<Lane, Value>): readonly [Lane, Value] | undefined => {
  for (const entry of map) return entry;
  return undefined;
};

export class WaitingReaders {
  readonly #failed: (error: unknown) => void;
  readonly #isTurnOver: () => boolean;
  readonly #addresses: Addresses = new Map();
  #turn = 0;
  #laneCount = 0;

  /**
   * @param failed called with each exception of a reader
   * @param isTurnOver whether this turn has parsed all that it should
   */
  constructor(failed: (error: unknown) => void, isTurnOver: () => boolean) {
    this.#failed = failed;
    this.#isTurnOver = isTurnOver;
  }

  get isEmpty(): boolean {
    return this.#addresses.size === 0;
  }

  /** In which somebody waits, of all addresses; those included where nobody can be read any more, until they come to their turn. */
  get laneCount(): number {
    return this.#laneCount;
  }

  add(reader: Reader): void {
    const lanes: Lanes = this.#addresses.get(reader.address) ?? new Map<Lane, Queue>();
    let queue = lanes.get(reader.lane);
    if (queue === undefined) {
      queue = { readers: [], servedIn: -1 };
      this.#laneCount++;
    }
    queue.readers.push(reader);
    lanes.set(reader.lane, queue);
    this.#addresses.set(reader.address, lanes);
  }

  /** Resumes `most` readers, at most one per lane: extra sockets buy no extra bandwidth. */
  resume(most: number): void {
    this.#turn++;
    let left = most;
    // Ends early when a whole round has found only lanes that were served in this turn.
    for (let passed = 0; left > 0 && passed < this.#addresses.size && !this.#isTurnOver(); ) {
      const first = firstOf(this.#addresses);
      if (first === undefined) return;
      const [address, lanes] = first;
      const isServed = this.#serveOne(lanes);
      // A reader may have queued again meanwhile, so the entry moves only now.
      this.#addresses.delete(address);
      if (lanes.size > 0) this.#addresses.set(address, lanes);
      if (isServed) {
        left--;
        passed = 0;
      } else if (lanes.size > 0) {
        // An address that is left without lanes is no longer part of the round.
        passed++;
      }
    }
  }

  /** @returns false if all lanes of this address were served in this turn, or nobody in them can be read */
  #serveOne(lanes: Lanes): boolean {
    // Lanes move to the end when they are served: if the first one has been served, so have the others.
    for (let first = firstOf(lanes); first !== undefined; first = firstOf(lanes)) {
      const [lane, queue] = first;
      if (queue.servedIn === this.#turn) return false;
      queue.servedIn = this.#turn;
      const isServed = this.#resumeOne(queue.readers);
      lanes.delete(lane);
      if (queue.readers.length > 0) lanes.set(lane, queue);
      else this.#laneCount--;
      if (isServed) return true;
    }
    return false;
  }

  #resumeOne(readers: Reader[]): boolean {
    for (let reader = readers.shift(); reader !== undefined; reader = readers.shift()) {
      try {
        if (reader.takeTurn()) return true;
      } catch (error) {
        this.#failed(error);
      }
    }
    return false;
  }
}

/**
 * Closes the connections that hold most while all of them together hold too much. A connection that is closing already is cut:
 * its close frame waits behind what its peer does not read.
 */
import { type BacklogAccount, BacklogLedger } from '../admission/backlog-ledger.ts';
import { closingState } from '../machines/connection-view.ts';
import { MOST_SHED_PER_TURN, SHED_CANDIDATES, SHED_PER_TURN } from '../protocol/limits.ts';
import type { ConnectionAdapter } from './connection-adapter.ts';
import type { Observer, ShedLimit } from './observation.ts';
import type { Flushable, Turn } from './turn.ts';

type Account = BacklogAccount<ConnectionAdapter>;
type Ledger = BacklogLedger<ConnectionAdapter>;

const closingOf = ({ owner }: Account): string | undefined => closingState(owner.chart.getSnapshot());

/** Its socket is being destroyed. What it has in the kernel is released with that, a moment later. */
const isGoing = (account: Account): boolean => closingOf(account) === 'cut';

/** The chart decides: it closes, or cuts if it was closing. */
const shedOne = (
  { owner, bytes }: Account,
  wasClosing: boolean,
  limit: ShedLimit,
  observer: Observer,
): void => {
  const { serverId, connId, role, remote, source } = owner;
  owner.chart.send({ type: 'backlog.shed' });
  observer.observe({
    type: 'connection.shed',
    serverId,
    connId,
    role,
    remote,
    source,
    limit,
    heldBytes: bytes,
    wasClosing,
  });
};

/** When to stop: once no more than `downToBytes` are held, or only connections are left that hold less than `leastBytes`. */
export interface Enough {
  readonly downToBytes: number;
  readonly leastBytes: number;
}

/** One shedding, over as many turns as it takes. */
interface Shedding extends Enough {
  /** The largest first, as of its begin: to look at thousands again in each turn would make all others wait. */
  readonly accounts: readonly Account[];
  next: number;
  /** Those being destroyed. */
  readonly going: Set<Account>;
  /** The first pass closes. The second cuts those it closed, because each may have a whole write in the kernel. */
  isLastPass: boolean;
}

const sumOf = (accounts: Iterable<Account>): number => {
  let bytes = 0;
  for (const account of accounts) bytes += account.bytes;
  return bytes;
};

export class BacklogShedder implements Flushable {
  readonly #ledger: Ledger;
  readonly #turn: Turn;
  readonly #limit: ShedLimit;
  readonly #observer: Observer;
  #shedding: Shedding | undefined;

  constructor(ledger: Ledger, turn: Turn, limit: ShedLimit, observer: Observer) {
    this.#ledger = ledger;
    this.#turn = turn;
    this.#limit = limit;
    this.#observer = observer;
  }

  /**
   * Closes the first ones now and `SHED_PER_TURN` in each further turn. Sockets that flood are not read meanwhile, so what is
   * held grows no further. Does nothing if it has not ended since the last call.
   */
  shed(enough: Enough): void {
    if (this.#shedding !== undefined) return;
    const accounts = this.#ledger.largestFirst(SHED_CANDIDATES, ({ hasChart }) => hasChart);
    const going = new Set(accounts.filter(isGoing));
    this.#shedding = { ...enough, accounts, going, next: 0, isLastPass: false };
    this.#turn.holdReaders(this);
    this.flush();
  }

  flush(): void {
    const shedding = this.#shedding;
    if (shedding === undefined) return;
    // A fault ends it too: readers must not be held for ever, and the next charge begins another.
    let hasEnded = true;
    try {
      hasEnded = this.#shedSome(shedding);
    } finally {
      if (hasEnded) this.#end();
      else this.#turn.add(this);
    }
  }

  #end(): void {
    this.#shedding = undefined;
    this.#turn.releaseReaders(this);
  }

  /** @returns whether it has ended: enough is gone, apart from what is in the kernel for those being destroyed, or nothing is left */
  #shedSome(shedding: Shedding): boolean {
    const { accounts, going, downToBytes, leastBytes } = shedding;
    let goingBytes = sumOf(going);
    for (let shed = 0; shed < SHED_PER_TURN || (this.#ledger.isFull && shed < MOST_SHED_PER_TURN); ) {
      if (this.#ledger.totalBytes - goingBytes <= downToBytes) return true;
      const account = accounts[shedding.next++];
      if (account === undefined) {
        if (shedding.isLastPass) return true;
        shedding.isLastPass = true;
        shedding.next = 0;
        continue;
      }
      // What it holds may be less by now: it can have ended with another one.
      const state = closingOf(account);
      if (state === 'cut' || account.bytes < leastBytes) continue;
      shedOne(account, state !== undefined, this.#limit, this.#observer);
      shed++;
      if (!isGoing(account)) continue;
      going.add(account);
      goingBytes += account.bytes;
    }
    return false;
  }
}

/**
 * The ledger of all connections. While it is half full, sockets that flood are read more slowly. At the end of a turn that has filled
 * it, the largest backlogs are shed.
 */
export const createBacklog = (limitBytes: number, turn: Turn, observer: Observer): Ledger => {
  let isDue = false;
  const due: Flushable = {
    flush: () => {
      isDue = false;
      if (ledger.isFull) shedder.shed({ downToBytes: ledger.lowBytes, leastBytes: 1 });
    },
  };
  const ledger: Ledger = new BacklogLedger(limitBytes, () => {
    if (isDue) return;
    isDue = true;
    turn.add(due);
  });
  turn.restBy({
    isShort: () => ledger.isTight,
    rested: (reason) => observer.observe({ type: 'readers.rested', reason }),
  });
  const shedder = new BacklogShedder(ledger, turn, 'total_backlog', observer);
  return ledger;
};

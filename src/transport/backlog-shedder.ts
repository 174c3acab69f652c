/**
 * Closes the connections that hold most while all of them together hold too much. A connection that is closing already is cut:
 * its close frame waits behind what its peer does not read.
 */
import { type BacklogAccount, BacklogLedger } from '../admission/backlog-ledger.ts';
import { closingState } from '../machines/connection-view.ts';
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

/** @returns whether that was enough, apart from what is in the kernel for those that were closed before */
const shedLargest = (
  ledger: Ledger,
  { downToBytes, leastBytes }: Enough,
  limit: ShedLimit,
  observer: Observer,
): boolean => {
  const accounts = ledger.largestFirst().filter(({ owner }) => owner.hasChart);
  let goingBytes = 0;
  for (const account of accounts) if (isGoing(account)) goingBytes += account.bytes;
  for (const account of accounts) {
    if (ledger.totalBytes - goingBytes <= downToBytes) return true;
    // What it holds may be less by now: it can have ended with another one.
    const state = closingOf(account);
    if (state === 'cut' || account.bytes < leastBytes) continue;
    shedOne(account, state !== undefined, limit, observer);
    if (isGoing(account)) goingBytes += account.bytes;
  }
  return ledger.totalBytes - goingBytes <= downToBytes;
};

/** Closes the largest, and if that is not enough, cuts them too: each may have a whole write in the kernel. */
export const shed = (ledger: Ledger, enough: Enough, limit: ShedLimit, observer: Observer): void => {
  if (!shedLargest(ledger, enough, limit, observer)) shedLargest(ledger, enough, limit, observer);
};

/** The ledger of all connections. At the end of a turn that has filled it, the largest backlogs are shed. */
export const createBacklog = (limitBytes: number, turn: Turn, observer: Observer): Ledger => {
  let isDue = false;
  const shedder: Flushable = {
    flush: () => {
      isDue = false;
      if (!ledger.isFull) return;
      shed(ledger, { downToBytes: ledger.lowBytes, leastBytes: 1 }, 'total_backlog', observer);
    },
  };
  const ledger: Ledger = new BacklogLedger(limitBytes, () => {
    if (isDue) return;
    isDue = true;
    turn.add(shedder);
  });
  return ledger;
};

/** Whether the ledger is right: a charge that was forgotten, or never released, would close connections for nothing. */
import { LEDGER_CHECK_SLICE } from '../protocol/limits.ts';
import type { ConnectionAdapter } from './connection-adapter.ts';
import { contain, type DataPlane } from './data-plane.ts';

/**
 * Compares the ledger with the accounts of all connections at once, and each account with what its connection holds, a slice of them in
 * each turn of the event loop. A difference is a fault of ours.
 */
export class LedgerCheck {
  readonly #plane: DataPlane;
  #isUnderWay = false;

  constructor(plane: DataPlane) {
    this.#plane = plane;
  }

  /** Begins one, if none is under way. */
  start(): void {
    if (this.#isUnderWay) return;
    this.#compareSum();
    this.#isUnderWay = true;
    this.#goOn(this.#plane.adapters.values());
  }

  #goOn(left: Iterator<ConnectionAdapter>): void {
    // A fault ends this one, not those after it.
    if (!contain(this.#plane.observer, () => this.#compareSlice(left))) this.#isUnderWay = false;
  }

  #compareSum(): void {
    const { adapters, backlog } = this.#plane;
    let accountBytes = 0;
    for (const { account } of adapters.values()) accountBytes += account.bytes;
    const { totalBytes } = backlog;
    if (accountBytes === totalBytes) return;
    this.#report(`the ledger has ${totalBytes} bytes, the accounts of all connections ${accountBytes}`);
  }

  #compareSlice(left: Iterator<ConnectionAdapter>): void {
    for (let compared = 0; compared < LEDGER_CHECK_SLICE; compared++) {
      const { value: adapter, done } = left.next();
      if (done === true) {
        this.#isUnderWay = false;
        return;
      }
      const { connId, account, heldBytes } = adapter;
      if (heldBytes !== account.bytes)
        this.#report(`the account of ${connId} has ${account.bytes} bytes, the connection ${heldBytes}`);
    }
    setImmediate(() => this.#goOn(left));
  }

  #report(err: string): void {
    this.#plane.observer.observe({ type: 'effect.failed', err });
  }
}

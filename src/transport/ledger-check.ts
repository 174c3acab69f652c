/** Whether the ledger is right: a charge that was forgotten, or never released, would close connections for nothing. */
import type { DataPlane } from './data-plane.ts';

/** Compares the ledger with the sum over all connections. A difference is a fault of ours. */
export const checkLedger = ({ adapters, backlog, observer }: DataPlane): void => {
  let heldBytes = 0;
  for (const adapter of adapters.values()) heldBytes += adapter.heldBytes;
  const { totalBytes } = backlog;
  if (heldBytes === totalBytes) return;
  observer.observe({
    type: 'effect.failed',
    err: `the ledger has ${totalBytes} bytes, all connections ${heldBytes}`,
  });
};

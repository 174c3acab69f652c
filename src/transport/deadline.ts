/**
 * Calls `expire` once, `ms` from now, but not before what has arrived by then has been read: after a stall of the event loop, the
 * bytes of a peer that was in time still wait in the kernel.
 * @returns a function that cancels it
 */
export const startDeadline = (ms: number, expire: () => void): (() => void) => {
  let pending: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    // Runs after the poll phase.
    pending = setImmediate(expire);
  }, ms);
  return () => {
    clearTimeout(timer);
    clearImmediate(pending);
  };
};

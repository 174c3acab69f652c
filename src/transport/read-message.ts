/** Forwards one message, on either leg. */
import { forwardFromBinary } from './binary-leg.ts';
import type { ConnectionAdapter } from './connection-adapter.ts';
import type { DataPlane } from './data-plane.ts';
import { describeError } from './observation.ts';
import { forwardFromPhone } from './phone-leg.ts';
import type { HeldMessage } from './reception.ts';

/** An internal fault closes the connection whose message caused it, and no other. */
export const readMessage = (
  plane: DataPlane,
  adapter: ConnectionAdapter,
  { data, isBinary }: HeldMessage,
): void => {
  try {
    const forward = adapter.role === 'phone' ? forwardFromPhone : forwardFromBinary;
    forward(plane, adapter, data, isBinary);
  } catch (error) {
    plane.observer.observe({ type: 'effect.failed', err: describeError(error) });
    adapter.chart.send({ type: 'fault.found' });
  }
};

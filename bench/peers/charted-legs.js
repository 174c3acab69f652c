/** Legs that ask the server actor, by an event, whether to forward; what it emits does what the real legs do. */
import { forwardFromBinary as binaryLeg } from '../../dist/transport/binary-leg.js';
import { findServer } from '../../dist/transport/exchange.js';
import { forwardFromPhone as phoneLeg } from '../../dist/transport/phone-leg.js';

/** Actors that are listened to already. */
const listened = new WeakSet();

/**
 * @param {typeof phoneLeg} leg
 * @param {boolean} isPhone
 * @returns {typeof phoneLeg}
 */
const through = (leg, isPhone) => (exchange, adapter, message, isBinary) => {
  /** @type {any} its types know no frames */
  const server = findServer(exchange, adapter.serverId);
  if (server === undefined) return;
  if (!listened.has(server)) {
    listened.add(server);
    server.on('frame.due', (/** @type {any} */ { forward }) => forward());
  }
  server.send({
    type: 'frame.arrived',
    connId: adapter.connId,
    isPhone,
    forward: () => leg(exchange, adapter, message, isBinary),
  });
};

export const forwardFromPhone = through(phoneLeg, true);
export const forwardFromBinary = through(binaryLeg, false);

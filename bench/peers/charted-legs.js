/** Legs that send each frame as an event to the server actor. The actor's emitted event runs the real leg. */
import { forwardFromBinary as binaryLeg } from '../../dist/transport/binary-leg.js';
import { findServer } from '../../dist/transport/data-plane.js';
import { forwardFromPhone as phoneLeg } from '../../dist/transport/phone-leg.js';

/** Actors that already have a listener. */
const listened = new WeakSet();

/**
 * @param {typeof phoneLeg} leg
 * @param {boolean} isPhone
 * @returns {typeof phoneLeg}
 */
const through = (leg, isPhone) => (plane, adapter, message, isBinary) => {
  /** @type {any} the actor's types have no frame events */
  const server = findServer(plane, adapter.serverId);
  if (server === undefined) return;
  if (!listened.has(server)) {
    listened.add(server);
    server.on('frame.due', (/** @type {any} */ { forward }) => forward());
  }
  server.send({
    type: 'frame.arrived',
    connId: adapter.connId,
    isPhone,
    forward: () => leg(plane, adapter, message, isBinary),
  });
};

export const forwardFromPhone = through(phoneLeg, true);
export const forwardFromBinary = through(binaryLeg, false);

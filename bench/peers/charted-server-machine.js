/** The server chart plus one transition, which forwards a frame if its sender belongs to the server-id. */
import { emit, setup } from 'xstate';
import { serverMachine as plain } from '../../dist/machines/server-machine.js';

export { serverContext } from '../../dist/machines/server-machine.js';

/** @type {any} the chart's types have no frame events, by design */
const { config, implementations } = plain;
const actors = setup({
  ...implementations,
  guards: {
    ...implementations.guards,
    belongsHere: (/** @type {any} */ { context, event }) =>
      event.isPhone ? context.phones.includes(event.connId) : context.binaryId === event.connId,
  },
});

export const serverMachine = actors.createMachine({
  ...config,
  on: {
    ...config.on,
    'frame.arrived': {
      guard: 'belongsHere',
      actions: emit((/** @type {any} */ { event }) => ({
        type: 'frame.due',
        forward: event.forward,
      })),
    },
  },
});

/** The charts, for those who draw, explore or test them. */
export { connectionMachine } from './connection-machine.ts';
export type {
  ConnectionContext,
  ConnectionEmitted,
  ConnectionEvent,
  ConnectionInput,
} from './connection-messages.ts';
export { type RelayEvent, type RelayInput, relayMachine } from './relay-machine.ts';
export { serverMachine } from './server-machine.ts';
export type { ServerContext, ServerEmitted, ServerEvent, ServerInput } from './server-messages.ts';

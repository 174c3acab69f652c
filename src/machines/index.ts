/** The charts, for code that draws, explores or tests them. */
export {
  type CertificateEmitted,
  type CertificateEvent,
  type CertificateInput,
  certificateMachine,
} from './certificate-machine.ts';
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

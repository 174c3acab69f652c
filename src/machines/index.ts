/** The charts, for code that draws, explores or tests them. */
export { ALL_CHARTS } from './all-charts.ts';
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
export { pushMachine } from './push-machine.ts';
export type { PushEmitted, PushEvent } from './push-messages.ts';
export { type RelayEvent, type RelayInput, relayMachine } from './relay-machine.ts';
export { serverMachine } from './server-machine.ts';
export type { ServerContext, ServerEmitted, ServerEvent, ServerInput } from './server-messages.ts';
export { wakeMachine } from './wake-machine.ts';
export type { WakeEmitted, WakeEvent, WakeInput } from './wake-messages.ts';

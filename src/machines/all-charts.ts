/** Every chart of the relay, for what shows, draws or tests them all. */
import type { AnyStateMachine } from 'xstate';
import { certificateMachine } from './certificate-machine.ts';
import { connectionMachine } from './connection-machine.ts';
import { pushMachine } from './push-machine.ts';
import { relayMachine } from './relay-machine.ts';
import { serverMachine } from './server-machine.ts';
import { wakeMachine } from './wake-machine.ts';

/** The one that most want to see comes first. */
export const ALL_CHARTS: readonly AnyStateMachine[] = [
  serverMachine,
  connectionMachine,
  relayMachine,
  certificateMachine,
  pushMachine,
  wakeMachine,
];

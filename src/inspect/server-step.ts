/** Takes the server chart one event further, without an actor system. No action is executed and no time passes. */
import { type ActorScope, createActor, fromTransition, type InspectionEvent } from 'xstate';
import type { DirectoryRequest } from '../machines/directory-request.ts';
import { serverMachine } from '../machines/server-machine.ts';
import type { ServerEmitted, ServerEvent } from '../machines/server-messages.ts';
import type { ServerSnapshot } from '../machines/server-view.ts';
import { takenTransitions } from './taken-transitions.ts';
import type { TakenTransition } from './updates.ts';

/** The recipients: at least one connection. */
export type Told = Omit<Request, 'type'>;

export interface ServerStep {
  readonly snapshot: ServerSnapshot;
  /** In order. */
  readonly told: readonly Told[];
  readonly taken: readonly TakenTransition[];
}

type Request = DirectoryRequest & { readonly type: 'tell.connections' };
type Scope = ActorScope<ServerSnapshot, ServerEvent, typeof self.system, ServerEmitted>;

// A chart without a parent throws when it sends to its parent. Neither actor is ever started.
const parent = createActor(fromTransition(() => null, null));
const input = { serverId: '', maxPhones: 0, timing: { graceMs: 0, probeTimeoutMs: 0 } };
const self = createActor(serverMachine, { parent, input });

const isRequest = (event: unknown): event is Request =>
  typeof event === 'object' && event !== null && 'type' in event && event.type === 'tell.connections';

/** @throws whatever the chart throws */
export const stepServer = (before: ServerSnapshot, event: ServerEvent): ServerStep => {
  const told: Told[] = [];
  const taken: TakenTransition[] = [];
  const scope: Scope = {
    self,
    id: self.id,
    sessionId: self.sessionId,
    system: self.system,
    logger: () => {},
    defer: () => {},
    emit: () => {},
    stopChild: () => {},
    // Receives each action instead of executing it.
    actionExecutor: ({ params }) => {
      const sent: unknown =
        typeof params === 'object' && params !== null ? Reflect.get(params, 'event') : null;
      if (!isRequest(sent) || sent.connIds.length === 0) return;
      told.push({ connIds: sent.connIds, event: sent.event });
    },
  };
  const inspection = self.system.inspect((inspected: InspectionEvent) => {
    if (inspected.type === '@xstate.microstep') taken.push(...takenTransitions(inspected));
  });
  try {
    return { snapshot: serverMachine.transition(before, event, scope), told, taken };
  } finally {
    inspection.unsubscribe();
  }
};

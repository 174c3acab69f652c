/** Takes the server chart one event further, without an actor system. No action is executed and no time passes. */
import type { EventObject, InspectionEvent } from 'xstate';
import { detachedScope, sentBy } from '../machines/detached-scope.ts';
import type { DirectoryRequest } from '../machines/directory-request.ts';
import { serverMachine } from '../machines/server-machine.ts';
import type { ServerEvent } from '../machines/server-messages.ts';
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

/** The only requests that the server chart makes. */
const isRequest = (event: EventObject | undefined): event is Request => event?.type === 'tell.connections';

/** @throws whatever the chart throws */
export const stepServer = (before: ServerSnapshot, event: ServerEvent): ServerStep => {
  const told: Told[] = [];
  const taken: TakenTransition[] = [];
  const scope = detachedScope((action) => {
    const sent = sentBy(action);
    if (isRequest(sent)) told.push({ connIds: sent.connIds, event: sent.event });
  });
  scope.system.inspect((inspected: InspectionEvent) => {
    if (inspected.type === '@xstate.microstep') taken.push(...takenTransitions(inspected));
  });
  return { snapshot: serverMachine.transition(before, event, scope), told, taken };
};

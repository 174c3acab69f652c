/**
 * What XState's inspection says, as Stately's inspector takes it: the messages of `@statelyai/inspect` 0.7, which are not
 * specified elsewhere. Written here, because that package brings five more, and would serialise what must not leave.
 */
import { type AnyActorRef, type EventObject, type InspectionEvent, isMachineSnapshot } from 'xstate';
import { plainConfig } from '../testing/plain-config.ts';

/** Version of the messages. */
const VERSION = '0.7.2';

interface Message {
  readonly sessionId: string;
  readonly rootId: string;
  /** Ms since the epoch, as text. */
  readonly createdAt: string;
  readonly id: null;
  readonly _version: string;
}

/** The status of an actor that is no chart; its value and context too if it is one. */
interface Shown {
  readonly status: string;
  readonly value?: unknown;
  readonly context?: unknown;
}

export type StatelyMessage = Message &
  (
    | {
        readonly type: '@xstate.actor';
        readonly name: string;
        readonly parentId: string | undefined;
        /** The machine's config as JSON. */
        readonly definition: string;
        readonly snapshot: Shown;
      }
    | { readonly type: '@xstate.event'; readonly event: EventObject; readonly sourceId: string | undefined }
    | { readonly type: '@xstate.snapshot'; readonly event: EventObject; readonly snapshot: Shown }
  );

const common = (sessionId: string, rootId: string): Message => ({
  sessionId,
  rootId,
  createdAt: String(Date.now()),
  id: null,
  _version: VERSION,
});

/** An actor that is being created has no snapshot. The directory's holds every actor, so of what is no chart only the status is shown. */
const shown = (snapshot: unknown): Shown => {
  if (isMachineSnapshot(snapshot)) {
    const { status, value, context } = snapshot;
    return { status, value, context };
  }
  const status: unknown =
    typeof snapshot === 'object' && snapshot !== null && Reflect.get(snapshot, 'status');
  return { status: typeof status === 'string' ? status : 'active' };
};

/** XState's own events carry inputs, outputs and errors, with code among them: only their type is shown. */
const shownEvent = (event: EventObject): EventObject =>
  event.type.startsWith('xstate.') ? { type: event.type } : event;

const parentOf = (ref: object): string | undefined => {
  const parent: unknown = Reflect.get(ref, '_parent');
  const id: unknown = typeof parent === 'object' && parent !== null && Reflect.get(parent, 'sessionId');
  return typeof id === 'string' ? id : undefined;
};

/** @param rootId session id of the root */
export const announceActor = (ref: AnyActorRef, rootId: string): StatelyMessage => {
  const snapshot: unknown = ref.getSnapshot();
  const config = isMachineSnapshot(snapshot) ? plainConfig(snapshot.machine) : { id: ref.id };
  // A root without an id of its own is shown by the name of its chart.
  const name = ref.id === ref.sessionId && typeof config['id'] === 'string' ? config['id'] : ref.id;
  return {
    type: '@xstate.actor',
    ...common(ref.sessionId, rootId),
    name,
    parentId: parentOf(ref),
    definition: JSON.stringify(config),
    snapshot: shown(snapshot),
  };
};

/** Undefined for what the inspector does not take: actions and microsteps. */
export const toStatelyMessage = (inspected: InspectionEvent): StatelyMessage | undefined => {
  const head = common(inspected.actorRef.sessionId ?? '', inspected.rootId);
  switch (inspected.type) {
    case '@xstate.event': {
      const { event, sourceRef } = inspected;
      return { type: inspected.type, ...head, event: shownEvent(event), sourceId: sourceRef?.sessionId };
    }
    case '@xstate.snapshot': {
      const { event, snapshot } = inspected;
      return { type: inspected.type, ...head, event: shownEvent(event), snapshot: shown(snapshot) };
    }
    default:
      return undefined;
  }
};

/**
 * The directory as an actor. This is custom actor logic, because a machine copies its whole `children` object on every spawn and
 * stop, which is quadratic (docs/adr/0001). Its one snapshot holds the live directory, whose maps change in place.
 */
import type { ActorLogic, ActorSystem, ActorSystemInfo } from 'xstate';
import { Directory } from './directory.ts';
import type {
  DirectoryEmitted,
  DirectoryEvent,
  DirectoryInput,
  DirectorySystemEvent,
} from './directory-messages.ts';

export interface DirectorySnapshot {
  readonly status: 'active';
  readonly output: undefined;
  readonly error: undefined;
  readonly context: Directory;
}

export const directory: ActorLogic<
  DirectorySnapshot,
  DirectoryEvent | DirectorySystemEvent,
  DirectoryInput,
  ActorSystem<ActorSystemInfo>,
  DirectoryEmitted
> = {
  getInitialSnapshot: (_, input) => ({
    status: 'active',
    output: undefined,
    error: undefined,
    context: new Directory(input),
  }),
  transition: (snapshot, event, scope) => {
    snapshot.context.handle(event, scope);
    return snapshot;
  },
  getPersistedSnapshot: () => {
    throw new TypeError('the directory holds live actors: it cannot be persisted');
  },
};

/** Connects each new actor to its socket and to the observer, and passes the directory's reports on. */
import type { DirectoryEmitted } from '../machines/directory-messages.ts';
import type { ServerEmitted } from '../machines/server-messages.ts';
import { abandon, attachConnectionEffects } from './connection-effects.ts';
import { contain, type DataPlane } from './data-plane.ts';
import { describeError } from './observation.ts';

const report = (plane: DataPlane, emitted: DirectoryEmitted): void => {
  const { adapters, observer } = plane;
  switch (emitted.type) {
    case 'connection.created': {
      const adapter = adapters.get(emitted.connId);
      if (adapter === undefined) throw new Error('an actor for a connection without a socket');
      adapter.chart = emitted.ref;
      attachConnectionEffects(plane, adapter, emitted.ref);
      return;
    }
    case 'server.created': {
      const { serverId, ref } = emitted;
      observer.serverCreated(ref);
      ref.on('*', (said: ServerEmitted) => contain(observer, () => observer.observe({ ...said, serverId })));
      return;
    }
    case 'server.failed':
      observer.observe({
        type: 'server.failed',
        serverId: emitted.serverId,
        err: describeError(emitted.error),
      });
      return;
    case 'connection.failed': {
      const adapter = adapters.get(emitted.connId);
      if (adapter === undefined) throw new Error('a connection failed that has no socket');
      const { serverId, connId } = adapter;
      observer.observe({ type: 'connection.failed', serverId, connId, err: describeError(emitted.error) });
      abandon(plane, adapter, emitted.wasOpen);
      return;
    }
    case 'event.undeliverable':
      observer.observe(emitted);
  }
};

export const attachDirectoryEffects = (plane: DataPlane): void => {
  plane.directory.on('*', (emitted) => contain(plane.observer, () => report(plane, emitted)));
};

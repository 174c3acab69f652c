/** Joins each new actor to what listens to it, and carries out what the directory itself emits. */
import type { DirectoryEmitted } from '../machines/directory.ts';
import { abandon, attachConnectionEffects } from './connection-effects.ts';
import { contain, type Exchange } from './exchange.ts';
import { describeError } from './observation.ts';
import { refuse } from './refuse.ts';
import { attachServerEffects } from './server-effects.ts';

const carryOut = (exchange: Exchange, emitted: DirectoryEmitted): void => {
  const { adapters, observer } = exchange;
  switch (emitted.type) {
    case 'connection.created': {
      const adapter = adapters.get(emitted.connId);
      if (adapter === undefined) return;
      adapter.chart = emitted.ref;
      attachConnectionEffects(exchange, adapter, emitted.ref);
      return;
    }
    case 'server.created':
      observer.serverCreated(emitted.ref);
      attachServerEffects(exchange, emitted.serverId, emitted.ref);
      return;
    case 'connection.refused': {
      const adapter = adapters.get(emitted.connId);
      if (adapter !== undefined) refuse(exchange, adapter, emitted.close);
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
      if (adapter === undefined) return;
      const { serverId, connId } = adapter;
      observer.observe({ type: 'connection.failed', serverId, connId, err: describeError(emitted.error) });
      abandon(exchange, adapter);
      return;
    }
    case 'directory.emptied':
  }
};

export const attachDirectoryEffects = (exchange: Exchange): void => {
  exchange.directory.on('*', (emitted) => contain(exchange.observer, () => carryOut(exchange, emitted)));
};

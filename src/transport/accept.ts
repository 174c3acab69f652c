/** Accepts an upgraded socket: creates its adapter, reports its events to its chart, and dials the directory. */
import { MIN_READ_COUNT_BYTES } from '../protocol/limits.ts';
import { ConnectionAdapter, type Dialled } from './connection-adapter.ts';
import type { DataPlane } from './data-plane.ts';
import { describeError } from './observation.ts';
import { readMessage } from './read-message.ts';

export const accept = (plane: DataPlane, dialled: Dialled): void => {
  const { connId, role, serverId, ws } = dialled;
  const adapter = new ConnectionAdapter(dialled, plane.turn, plane.backlog, plane.traffic.to[role]);
  plane.adapters.set(connId, adapter);
  plane.directory.send({ type: 'connection.dialled', connId, role, serverId });
  if (!adapter.hasChart) {
    // The relay has stopped in the meantime. No actor is left to close this socket in an orderly way.
    plane.adapters.delete(connId);
    adapter.account.close();
    ws.terminate();
    return;
  }
  adapter.reader.countFrames(() => {
    adapter.input.settle();
    adapter.chargeReceived();
    adapter.notePeerClosed();
  });
  // `nodebuffer` is ws's default `binaryType`: a message is always one Buffer.
  ws.on('message', (data, isBinary) => {
    if (!Buffer.isBuffer(data)) return;
    adapter.messagesRead++;
    readMessage(plane, adapter, { data, isBinary });
  });
  ws.on('ping', (payload) => adapter.liveness.readPing(payload));
  ws.on('pong', (payload) => adapter.liveness.readPong(payload));
  // The peer broke the protocol, and ws has sent its own close frame (1002, 1007, 1008 or 1009).
  ws.on('error', (error) => {
    const code = describeError(error);
    plane.observer.observe({ type: 'protocol.violated', role, serverId, connId, code });
    adapter.chart.send({ type: 'protocol.violated' });
  });
  // This listener runs after ws's own, so ws has already parsed this chunk.
  dialled.socket.on('data', (chunk) => {
    adapter.input.settle();
    adapter.chargeReceived();
    // First, because a close frame does not answer a probe. One that waits to be parsed, behind a share of other frames,
    // comes too late for that: those frames do.
    adapter.notePeerClosed();
    adapter.liveness.noteHeard(chunk.length);
    // All bytes count: pings and dropped messages take time too.
    adapter.reader.count(Math.max(chunk.length, MIN_READ_COUNT_BYTES));
    plane.throttle.count(plane, adapter, chunk.length);
    plane.traffic.receivedBytes[role] += chunk.length;
  });
  // This one too: ws has been given the last bytes.
  dialled.socket.on('close', () => {
    const { errored, readableEnded } = dialled.socket;
    // Neither ended nor reset by the peer: it was cut here, by ws itself for instance, when too many pongs waited.
    if (errored === null && !readableEnded) adapter.discardRead();
    else adapter.reader.finish();
    // ws has read what was left in the socket.
    adapter.chargeReceived();
  });
  ws.on('close', (closeCode) => adapter.chart.send({ type: 'socket.ended', closeCode }));
};

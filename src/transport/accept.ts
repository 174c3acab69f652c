/** Accepts an upgraded socket: creates its adapter, reports its events to its chart, and dials the directory. */
import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import { MIN_READ_COUNT_BYTES } from '../protocol/limits.ts';
import { ConnectionAdapter, type Dialled } from './connection-adapter.ts';
import type { DataPlane } from './data-plane.ts';
import { describeError } from './observation.ts';
import { readMessage } from './read-message.ts';

interface Accepted {
  readonly plane: DataPlane;
  readonly adapter: ConnectionAdapter;
}

/** Where a socket and its WebSocket have it. So the listeners are the same for all: seven closures each would be 800 bytes. */
const ACCEPTED = Symbol('accepted');

type Carrier = EventEmitter & { [ACCEPTED]?: Accepted };

const acceptedOn = (carrier: Carrier): Accepted => {
  const accepted = carrier[ACCEPTED];
  if (accepted === undefined) throw new Error('an event of a socket that was not accepted');
  return accepted;
};

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  // `nodebuffer` is ws's default `binaryType`: a message is always one Buffer.
  if (!Buffer.isBuffer(data)) return;
  const { plane, adapter } = acceptedOn(this);
  adapter.messagesRead++;
  readMessage(plane, adapter, { data, isBinary });
}

function onPing(this: WebSocket, payload: Buffer): void {
  acceptedOn(this).adapter.liveness.readPing(payload);
}

function onPong(this: WebSocket, payload: Buffer): void {
  acceptedOn(this).adapter.liveness.readPong(payload);
}

/** The peer broke the protocol, and ws has sent its own close frame (1002, 1007, 1008 or 1009). */
function onError(this: WebSocket, error: Error): void {
  const { plane, adapter } = acceptedOn(this);
  const { role, serverId, connId, chart } = adapter;
  plane.observer.observe({ type: 'protocol.violated', role, serverId, connId, code: describeError(error) });
  chart.send({ type: 'protocol.violated' });
}

function onEnded(this: WebSocket, closeCode: number): void {
  const { plane, adapter } = acceptedOn(this);
  plane.ends.send(adapter.chart, { type: 'socket.ended', closeCode });
}

/** Runs after ws's own listener, so ws has already parsed this chunk. */
function onRead(this: Socket, chunk: Buffer): void {
  const { plane, adapter } = acceptedOn(this);
  adapter.reception.settle();
  // First, because a close frame does not answer a probe. One that waits to be parsed, behind a share of other frames,
  // comes too late for that: those frames do.
  adapter.closing.notePeerClosed();
  adapter.liveness.noteHeard(chunk.length);
  // All bytes count: pings and dropped messages take time too.
  adapter.reader.count(Math.max(chunk.length, MIN_READ_COUNT_BYTES));
  plane.throttle.count(plane, adapter, chunk.length);
  plane.traffic.receivedBytes[adapter.role] += chunk.length;
}

/** This one too: ws has been given the last bytes. */
function onSocketClosed(this: Socket): void {
  const { adapter } = acceptedOn(this);
  // Neither ended nor reset by the peer: it was cut here, by ws itself for instance, when too many pongs waited.
  if (this.errored === null && !this.readableEnded) adapter.discardRead();
  else adapter.reader.finish();
  // ws has read what was left in the socket.
  adapter.reception.charge();
}

const listen = (ws: WebSocket & Carrier, socket: Socket & Carrier, accepted: Accepted): void => {
  ws[ACCEPTED] = accepted;
  socket[ACCEPTED] = accepted;
  ws.on('message', onMessage);
  ws.on('ping', onPing);
  ws.on('pong', onPong);
  ws.on('error', onError);
  ws.on('close', onEnded);
  socket.on('data', onRead);
  socket.on('close', onSocketClosed);
};

export const accept = (plane: DataPlane, dialled: Dialled): void => {
  const { connId, role, serverId, ws, socket } = dialled;
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
  adapter.reader.countFrames();
  listen(ws, socket, { plane, adapter });
};

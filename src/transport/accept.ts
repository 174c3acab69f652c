/** Takes an upgraded socket in: an adapter, its listeners, and the news to the directory. */
import { INTERNAL_ERROR } from '../protocol/close-codes.ts';
import { forwardFromBinary } from './binary-leg.ts';
import { ConnectionAdapter, type Dialled } from './connection-adapter.ts';
import { type Exchange, findServer } from './exchange.ts';
import { describeError } from './observation.ts';
import { forwardFromPhone } from './phone-leg.ts';

/** A fault of ours costs the connection it happened on, and no other. */
const readMessage = (
  exchange: Exchange,
  adapter: ConnectionAdapter,
  message: Buffer,
  isBinary: boolean,
): void => {
  adapter.messagesRead++;
  try {
    const forward = adapter.role === 'phone' ? forwardFromPhone : forwardFromBinary;
    forward(exchange, adapter, message, isBinary);
  } catch (error) {
    exchange.observer.observe({ type: 'effect.failed', err: describeError(error) });
    adapter.chart.send({
      type: 'close',
      close: INTERNAL_ERROR,
      cause: 'internal_error',
      flush: false,
      notice: 'asClosed',
    });
  }
};

const readPong = (exchange: Exchange, adapter: ConnectionAdapter, payload: Buffer): void => {
  const { answersHeartbeat, answersProbe } = adapter.readPong(payload);
  if (answersHeartbeat) adapter.chart.send({ type: 'pong.received' });
  if (!answersProbe) return;
  findServer(exchange, adapter.serverId)?.send({ type: 'binary.answered', connId: adapter.connId });
};

export const accept = (exchange: Exchange, dialled: Dialled): void => {
  const { connId, role, serverId, ws } = dialled;
  const direction = role === 'phone' ? 'binary_to_phone' : 'phone_to_binary';
  const adapter = new ConnectionAdapter(dialled, exchange.turn, (count) =>
    exchange.observer.framesForwarded(direction, count),
  );
  exchange.adapters.set(connId, adapter);
  // `nodebuffer` is ws's default for what it delivers: a message is always one Buffer.
  ws.on('message', (data, isBinary) => {
    if (Buffer.isBuffer(data)) readMessage(exchange, adapter, data, isBinary);
  });
  ws.on('ping', () => adapter.controlFramesRead++);
  ws.on('pong', (payload) => {
    adapter.controlFramesRead++;
    readPong(exchange, adapter, payload);
  });
  // The peer broke the protocol: ws has answered with a close frame of its own (1002, 1007, 1008 or 1009).
  ws.on('error', (error) => {
    exchange.observer.observe({
      type: 'protocol.violated',
      role,
      serverId,
      connId,
      code: describeError(error),
    });
    adapter.chart.send({ type: 'protocol.violated' });
  });
  // ws says nothing when a close frame comes, only when TCP has ended after it, which is up to the peer. This listener
  // runs after ws's own, so what was just read has been understood.
  // What it counts is what came, not what came of it: pings and messages that are dropped take their time too.
  dialled.socket.on('data', (chunk) => {
    adapter.notePeerClosing();
    adapter.reading.count(chunk.length);
  });
  ws.on('close', (closeCode) => adapter.chart.send({ type: 'socket.closed', closeCode }));
  exchange.directory.send({ type: 'connection.dialled', connId, role, serverId });
  if (adapter.hasChart) return;
  // The relay has stopped meanwhile: nobody is left to say so in good order.
  exchange.adapters.delete(connId);
  ws.terminate();
};

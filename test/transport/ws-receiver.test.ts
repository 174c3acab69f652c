/** A real WebSocket server and a raw TCP client: the test knows which bytes have arrived when it asks. */
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { hasPartialMessage } from '../../src/transport/ws-receiver.ts';

const TEXT = 0x01;
const CONTINUATION = 0x00;
const PING = 0x09;
const MASK = Buffer.of(1, 2, 3, 4);

/** A frame as a client sends it. */
const frame = (text: string, opcode = TEXT, isFinal = true): Buffer => {
  const payload = Buffer.from(text).map((byte, i) => byte ^ (MASK[i % 4] ?? 0));
  const length =
    payload.length < 126
      ? Buffer.of(0x80 | payload.length)
      : Buffer.of(0xfe, payload.length >> 8, payload.length & 0xff);
  return Buffer.concat([Buffer.of((isFinal ? 0x80 : 0) | opcode), length, MASK, payload]);
};

let http: Server;
let client: Socket;
let ws: WebSocket;
/** Bytes the server has read. */
let arrived: number;
let onArrival: () => void;
let messages: string[];

/** Sends bytes, and resolves when the server has read them all. */
const send = async (bytes: Buffer): Promise<void> => {
  const wanted = arrived + bytes.length;
  await new Promise<void>((resolve) => {
    onArrival = () => {
      if (arrived >= wanted) resolve();
    };
    client.write(bytes);
  });
};

beforeEach(async () => {
  arrived = 0;
  onArrival = () => {};
  messages = [];
  http = createServer();
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve);
  });
  const { port } = http.address() as AddressInfo; // It listens on TCP.
  const accepted = new Promise<WebSocket>((resolve) => {
    server.on('connection', (opened, { socket }) => {
      opened.on('message', (data) =>
        messages.push(Buffer.isBuffer(data) ? data.toString() : 'not one buffer'),
      );
      // Registered after the listener of ws, so it runs when ws has already parsed the bytes.
      socket.on('data', ({ length }) => {
        arrived += length;
        onArrival();
      });
      resolve(opened);
    });
  });
  client = connect(port, '127.0.0.1');
  const answered = new Promise<void>((resolve) => {
    client.once('data', () => resolve());
  });
  client.write(
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  [ws] = await Promise.all([accepted, answered]);
});

afterEach(async () => {
  client.destroy();
  ws.terminate();
  await new Promise((resolve) => http.close(resolve));
});

describe('nothing is in progress', () => {
  test('on a connection on which nothing was sent', () => {
    expect(hasPartialMessage(ws)).toBe(false);
  });

  test('after complete messages, one empty and one long', async () => {
    await send(frame('hello'));
    expect(hasPartialMessage(ws)).toBe(false);
    await send(Buffer.concat([frame(''), frame('x'.repeat(1_000))]));
    expect(hasPartialMessage(ws)).toBe(false);
    expect(messages.map(({ length }) => length)).toEqual([5, 0, 1_000]);
  });

  test('after a ping', async () => {
    await send(frame('1', PING));
    expect(hasPartialMessage(ws)).toBe(false);
  });
});

describe('something is in progress', () => {
  test('after each byte of a frame except the last', async () => {
    const bytes = frame('y'.repeat(200));
    for (const end of [1, 2, 3, 4, 5, 7, 8, 100, bytes.length - 1]) {
      const from = arrived;
      await send(bytes.subarray(from, end));
      expect(hasPartialMessage(ws), `after ${end} bytes`).toBe(true);
    }
    await send(bytes.subarray(arrived));
    expect(hasPartialMessage(ws)).toBe(false);
    expect(messages).toEqual(['y'.repeat(200)]);
  });

  test('from the first fragment of a message until the last', async () => {
    await send(frame('a', TEXT, false));
    expect(hasPartialMessage(ws)).toBe(true);
    await send(frame('b', CONTINUATION, false));
    expect(hasPartialMessage(ws)).toBe(true);
    await send(frame('c', CONTINUATION));
    expect(hasPartialMessage(ws)).toBe(false);
    expect(messages).toEqual(['abc']);
  });

  test('between empty fragments, and when pings come between them', async () => {
    await send(frame('', TEXT, false));
    expect(hasPartialMessage(ws)).toBe(true);
    await send(frame('1', PING));
    expect(hasPartialMessage(ws)).toBe(true);
    await send(frame('', CONTINUATION));
    expect(hasPartialMessage(ws)).toBe(false);
    expect(messages).toEqual(['']);
  });

  test('when a complete message came together with the beginning of the next', async () => {
    await send(Buffer.concat([frame('one'), frame('two').subarray(0, 1)]));
    expect(messages).toEqual(['one']);
    expect(hasPartialMessage(ws)).toBe(true);
  });
});

test.each([
  ['without a receiver', {}],
  ['whose receiver is null', { _receiver: null }],
  ['whose receiver lacks its state', { _receiver: { _bufferedBytes: 0, _fragmented: 0 } }],
  ['whose receiver lacks its byte count', { _receiver: { _state: 0, _fragmented: 0 } }],
  ['whose receiver lacks its fragment mark', { _receiver: { _state: 0, _bufferedBytes: 0 } }],
])('a WebSocket %s throws a TypeError', (_, other) => {
  expect(() => hasPartialMessage(other as unknown as WebSocket)).toThrow(TypeError); // As another version of ws may be.
});

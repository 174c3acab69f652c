/** An upgrade of ws that parses in another way is noticed. What the stop does is in frame-share.test.ts. */
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { FrameStop } from '../../src/transport/ws-frame-stop.ts';

const KNOWN = {
  _loop: false,
  _state: 0,
  _opcode: 0,
  _bufferedBytes: 0,
  _buffers: [],
  getData: () => {},
  startLoop: () => {},
};

test.each(Object.keys(KNOWN))('a receiver without %s throws a TypeError', (name) => {
  const receiver = Object.fromEntries(Object.entries(KNOWN).filter(([key]) => key !== name));
  const ws = { _receiver: receiver } as unknown as WebSocket; // As another version of ws may be.
  expect(() => new FrameStop(ws, { mayStart: () => true, mayGoOn: () => true })).toThrow(TypeError);
});

test.each([[{}], [{ _receiver: null }]])('a WebSocket without a receiver throws a TypeError', (other) => {
  expect(
    () => new FrameStop(other as unknown as WebSocket, { mayStart: () => true, mayGoOn: () => true }),
  ).toThrow(TypeError); // Likewise.
});

/** Checklist F1 to F11 of clients.md, and sections 2 and 4 of the specification. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Peer } from '../support/peer.ts';
import { binaryHeaders, phoneHeaders } from '../support/peer.ts';
import { clientFrame, RawSocket } from '../support/raw-socket.ts';
import { TestRelay } from '../support/relay.ts';

const MAX_FRAME_BYTES = 262_144;

let relay: TestRelay;
beforeAll(async () => {
  relay = await TestRelay.start();
});
afterAll(() => relay.dispose());

interface Pair {
  readonly serverId: string;
  readonly binary: Peer;
  readonly phone: Peer;
  readonly connId: string;
}

const pair = async (): Promise<Pair> => {
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  return { serverId, binary, ...(await relay.peers.knownPhone(serverId, binary)) };
};

const frameTo = (connId: string, frame: string): string => `{"conn_id":"${connId}","frame":${frame}}`;

describe('F1: phone to binary', () => {
  test('TestStartPhoneForwarder: any JSON value is delivered in the envelope with its bytes unchanged', async () => {
    const { binary, phone, connId } = await pair();
    const values = [
      '{"v":2,"type":"noise_init","data":"QUJD"}',
      '[1, 2,\n3]',
      '"text"',
      'null',
      'true',
      '-0',
      '12345678901234567890',
      '1e400',
      '{"b":1,"a":2,"b":3}',
      '"<script>&\u2028\\u003c"',
      '{"conn_id":"c-0000000000000000","frame":1,"close_code":4401,"token":"x"}',
    ];
    for (const value of values) phone.send(value);
    for (const value of values) expect(await binary.next()).toBe(frameTo(connId, value));
  });

  test('whitespace around the value is stripped, whitespace inside is kept', async () => {
    const { binary, phone, connId } = await pair();
    phone.send('  \r\n\t{ "a" : 1 }\n ');
    expect(await binary.next()).toBe(frameTo(connId, '{ "a" : 1 }'));
  });

  test('both opcodes are accepted, and text is sent', async () => {
    const { binary, phone, connId } = await pair();
    phone.send(Buffer.from('{"a":1}'), { binary: true });
    expect(await binary.next()).toBe(frameTo(connId, '{"a":1}'));
    binary.send(Buffer.from(frameTo(connId, '{"b":2}')), { binary: true });
    expect(await phone.next()).toBe('{"b":2}');
    expect([...binary.opcodes, ...phone.opcodes].some((isBinary) => isBinary)).toBe(false);
  });

  test('nesting of 10,000 levels passes, one more closes the phone', async () => {
    const { serverId, binary, phone, connId } = await pair();
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    phone.send(deep);
    expect(await binary.next()).toBe(frameTo(connId, deep));
    const second = await relay.peers.knownPhone(serverId, binary);
    second.phone.send(`[${deep}]`);
    expect(await second.phone.closed).toEqual({ code: 1000, reason: '' });
    expect(await binary.nextEnvelope()).toEqual({ conn_id: second.connId, close_code: 1001 });
  });
});

describe('F11: a phone message that is not exactly one JSON value closes that phone', () => {
  test.each([
    ['empty', ''],
    ['not JSON', 'hello'],
    ['two values', '1 2'],
    ['an envelope closed early', '1,"close_code":4401}'],
    ['a brace too many', '{"a":1}}'],
    ['truncated', '{"a":'],
    ['a control character in a string', '"a\u0001b"'],
  ])(
    'TestStartPhoneForwarder_NonJSON, %s: closed with 1000, and neither it nor anything after it is forwarded',
    async (_, bad) => {
      const { serverId, binary, phone, connId } = await pair();
      phone.send('"before"');
      phone.send(bad);
      phone.send('"after"');
      expect(await phone.closed).toEqual({ code: 1000, reason: '' });
      expect(await binary.next()).toBe(frameTo(connId, '"before"'));
      expect(await binary.next()).toBe(`{"conn_id":"${connId}","close_code":1001}`);
      const line = await relay.logged('phone_forwarder_marshal_err', { server_id: serverId });
      expect(line).toMatchObject({ level: 'warn', fields: { conn_id: connId } });
      await relay.peers.phone(serverId);
      await binary.roundTrip();
      expect(binary.inbox.size).toBe(0);
    },
  );

  test.each([
    ['text', 1],
    ['binary', 2],
  ])('invalid UTF-8 in a %s message closes the phone with 1007', async (_, opcode) => {
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const raw = await new RawSocket(relay.port).upgrade('/v1/client', phoneHeaders(serverId));
    raw.send(Buffer.from([0x22, 0xc3, 0x28, 0x22]), { opcode });
    expect(await raw.closeCode()).toBe(1007);
    raw.destroy();
    expect(await binary.nextEnvelope()).toMatchObject({ close_code: 1001 });
  });

  test.each([
    ['text', 1],
    ['binary', 2],
  ])('invalid UTF-8 in a %s message of a binary closes it with 1007', async (_, opcode) => {
    const raw = await new RawSocket(relay.port).upgrade('/v1/server', binaryHeaders(relay.peers.serverId()));
    raw.send(Buffer.from([0x22, 0xff, 0x22]), { opcode });
    expect(await raw.closeCode()).toBe(1007);
    raw.destroy();
  });
});

describe('F2, F4: binary to phone', () => {
  test('TestStartBinaryForwarder: a phone gets the exact bytes of frame, in any envelope', async () => {
    const { binary, phone, connId } = await pair();
    const escaped = Array.from(connId, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
    const envelopes: [string, string][] = [
      [`{"frame": { "a" : 1.0 } ,"conn_id":"${connId}"}`, '{ "a" : 1.0 }'],
      [`\n{ "x":[{"conn_id":"no","frame":0}], "conn_id" : "${connId}","frame":[1 ,2]}\t`, '[1 ,2]'],
      [`{"conn_id":"${escaped}","fr\\u0061me":"\\u0041"}`, '"\\u0041"'],
      [`{"conn_id":"no","frame":1,"conn_id":"${connId}","frame":2}`, '2'],
      [
        `{"conn_id":"${connId}","frame":12345678901234567890,"close_code":0,"push_wake":{"a":1}}`,
        '12345678901234567890',
      ],
      [`{"conn_id":"${connId}","frame":"ü€😀","close_code":null}`, '"ü€😀"'],
      [`{"conn_id":"${connId}","frame":false,"push_wake":"malformed"}`, 'false'],
    ];
    for (const [envelope] of envelopes) binary.send(envelope);
    for (const [, frame] of envelopes) expect(await phone.next()).toBe(frame);
    expect(phone.opcodes).not.toContain(true);
  });

  test('each of several phones gets its own frames', async () => {
    const { serverId, binary, phone, connId } = await pair();
    const other = await relay.peers.knownPhone(serverId, binary);
    binary.send(frameTo(other.connId, '"other"'));
    binary.send(frameTo(connId, '"first"'));
    expect(await phone.next()).toBe('"first"');
    expect(await other.phone.next()).toBe('"other"');
  });
});

describe('F7: a bad envelope is dropped and nothing else', () => {
  test.each([
    ['not JSON', 'x', 'malformed envelope'],
    ['trailing garbage', '{}x', 'malformed envelope'],
    ['an array', '[]', 'malformed envelope'],
    ['conn_id a number', '{"conn_id":1,"frame":1}', 'malformed envelope'],
    ['close_code fractional', '{"conn_id":"ID","close_code":4401.5}', 'malformed envelope'],
    ['close_code negative', '{"conn_id":"ID","close_code":-1}', 'malformed envelope'],
    ['close_code too large', '{"conn_id":"ID","close_code":65536}', 'malformed envelope'],
    ['close_code a string', '{"conn_id":"ID","close_code":"4401"}', 'malformed envelope'],
    ['null', 'null', 'missing conn_id'],
    ['an empty object', '{}', 'missing conn_id'],
    ['no conn_id', '{"frame":1}', 'missing conn_id'],
    ['a directive without conn_id', '{"frame":null,"close_code":4401}', 'missing conn_id'],
    ['push_wake null', '{"push_wake":null}', 'missing conn_id'],
    ['no frame', '{"conn_id":"ID"}', 'missing frame'],
    ['frame null', '{"conn_id":"ID","frame":null}', 'missing frame'],
  ])('%s is dropped and the connection stays open', async (_, template, fault) => {
    const { serverId, binary, phone, connId } = await pair();
    binary.send(template.replace('ID', connId));
    binary.send(frameTo(connId, '"next"'));
    expect(await phone.next()).toBe('"next"');
    const line = await relay.logged('binary_forwarder_unmarshal_err', { server_id: serverId });
    expect(line).toMatchObject({ level: 'warn', fields: { err: fault } });
    expect(Object.keys(line.fields).toSorted()).toEqual(['binary_conn_id', 'err', 'server_id']);
  });

  test('L8: a push wake is dropped and logged without its token, and the connection stays open', async () => {
    const { serverId, binary, phone, connId } = await pair();
    for (const wake of ['{"push_wake":{"platform":"fcm","token":"secret-push-token"}}', '{"push_wake":5}']) {
      binary.send(wake);
      binary.send(frameTo(connId, '"next"'));
      expect(await phone.next()).toBe('"next"');
      const line = await relay.logged('binary_forwarder_push_wake_dropped', { server_id: serverId });
      expect(JSON.stringify(line)).not.toContain('secret');
    }
  });

  test.each(['c-0000000000000000', '__proto__', 'constructor', 'toString', ' ', '\\u0000'])(
    'F8: conn_id %j is unknown',
    async (unknown) => {
      const { serverId, binary, phone, connId } = await pair();
      binary.send(`{"conn_id":"${unknown}","frame":"lost"}`);
      binary.send(frameTo(connId, '"next"'));
      expect(await phone.next()).toBe('"next"');
      await relay.logged('binary_forwarder_unknown_conn_id', { server_id: serverId });
    },
  );

  test('F8: a phone of another server-id is neither reached nor closed', async () => {
    const mine = await pair();
    const foreign = await pair();
    mine.binary.send(frameTo(foreign.connId, '"intruder"'));
    mine.binary.send(`{"conn_id":"${foreign.connId}","frame":null,"close_code":4401}`);
    await mine.binary.roundTrip();
    foreign.binary.send(frameTo(foreign.connId, '"own"'));
    expect(await foreign.phone.next()).toBe('"own"');
  });
});

describe('F5, F6: close directives', () => {
  test('send everything queued, then the frame, then exactly the code', async () => {
    const { serverId, binary, phone, connId } = await pair();
    for (let i = 0; i < 50; i++) binary.send(frameTo(connId, String(i)));
    binary.send(`{"conn_id":"${connId}","frame":"last","close_code":4401}`);
    binary.send(frameTo(connId, '"too late"'));
    const expected = Array.from({ length: 50 }, (_, i) => String(i));
    expect(await phone.inbox.take(51)).toEqual([...expected, '"last"']);
    expect(await phone.closed).toEqual({ code: 4401, reason: '' });
    expect(phone.inbox.size).toBe(0);
    const line = await relay.logged('binary_forwarder_phone_closed', { server_id: serverId });
    expect(line.fields).toEqual({ server_id: serverId, conn_id: connId, close_code: 4401 });
  });

  test.each([1000, 1003, 1013, 1014, 3000, 3999, 4401, 4408, 4410, 4412, 4413, 4421, 4426, 4999])(
    'code %i is sent, with frame null or absent',
    async (code) => {
      const { serverId, binary, phone, connId } = await pair();
      const other = await relay.peers.knownPhone(serverId, binary);
      binary.send(`{"conn_id":"${connId}","frame":null,"close_code":${code}}`);
      binary.send(`{"conn_id":"${other.connId}","close_code":${code}}`);
      expect(await phone.closed).toEqual({ code, reason: '' });
      expect(await other.phone.closed).toEqual({ code, reason: '' });
    },
  );

  test.each([1, 999, 1004, 1005, 1006, 1015, 2000, 2999, 5000, 65_535])(
    'code %i may not be sent: the phone gets 1011 and the binary stays',
    async (code) => {
      const { serverId, binary, phone, connId } = await pair();
      binary.send(`{"conn_id":"${connId}","frame":"last","close_code":${code}}`);
      expect(await phone.next()).toBe('"last"');
      expect((await phone.closed).code).toBe(1011);
      const line = await relay.logged('binary_forwarder_close_frame_send_failed', { server_id: serverId });
      expect(line.fields['close_code']).toBe(code);
      await relay.peers.knownPhone(serverId, binary);
    },
  );

  test('L6, TestClientEndpoint_BinaryRequestedClose_NoNotice: the binary gets no notice of a close it requested', async () => {
    const { serverId, binary, phone, connId } = await pair();
    binary.send(`{"conn_id":"${connId}","close_code":4401}`);
    await phone.closed;
    await relay.logged('phone_unregistered', { server_id: serverId, conn_id: connId });
    // The binary's next message must be from another phone: knownPhone fails on anything else.
    await relay.peers.knownPhone(serverId, binary);
  });

  test('nothing that a dismissed phone sends is forwarded', async () => {
    const { serverId, binary, phone, connId } = await pair();
    phone.ws.pause();
    binary.send(`{"conn_id":"${connId}","close_code":4401}`);
    await relay.logged('binary_forwarder_phone_closed', { server_id: serverId });
    phone.send('"too late"');
    phone.ws.resume();
    await phone.closed;
    await relay.peers.knownPhone(serverId, binary);
  });
});

describe('F9: sizes', () => {
  const text = (bytes: number): string => `"${'x'.repeat(bytes - 2)}"`;

  test('262,144 bytes from a phone pass, in one frame and in fragments', async () => {
    const { serverId, binary, phone, connId } = await pair();
    const largest = text(MAX_FRAME_BYTES);
    phone.send(largest);
    expect(await binary.next()).toBe(frameTo(connId, largest));
    const raw = await new RawSocket(relay.port).upgrade('/v1/client', phoneHeaders(serverId));
    const half = MAX_FRAME_BYTES / 2;
    raw.send(largest.slice(0, half), { fin: false });
    raw.send('', { opcode: 9 });
    raw.send(largest.slice(half), { opcode: 0 });
    expect((await binary.next()).length).toBe(frameTo(connId, largest).length);
    raw.destroy();
  });

  test('one byte more closes the phone with 1009, and the binary’s notice has 1001', async () => {
    const { binary, phone, connId } = await pair();
    phone.send(text(MAX_FRAME_BYTES + 1));
    expect((await phone.closed).code).toBe(1009);
    expect(await binary.nextEnvelope()).toEqual({ conn_id: connId, close_code: 1001 });
  });

  test('fragments count together', async () => {
    const raw = await new RawSocket(relay.port).upgrade('/v1/server', binaryHeaders(relay.peers.serverId()));
    raw.send('x'.repeat(200_000), { fin: false });
    raw.send('x'.repeat(100_000), { opcode: 0 });
    expect(await raw.closeCode()).toBe(1009);
    raw.destroy();
  });

  test('262,144 bytes from a binary pass, one more closes it with 1009 and starts grace', async () => {
    const { serverId, binary, phone, connId } = await pair();
    const frame = text(MAX_FRAME_BYTES - frameTo(connId, '').length);
    binary.send(frameTo(connId, frame));
    expect(await phone.next()).toBe(frame);
    binary.send(frameTo(connId, `${frame} `));
    expect((await binary.closed).code).toBe(1009);
    await relay.logged('server_released', { server_id: serverId });
  });
});

test('F3: many frames sent at once keep their order in both directions', async () => {
  const { binary, phone, connId } = await pair();
  const count = 2_000;
  for (let i = 0; i < count; i++) {
    phone.send(String(i));
    binary.send(frameTo(connId, String(i)));
  }
  const numbers = Array.from({ length: count }, (_, i) => String(i));
  expect(await phone.inbox.take(count)).toEqual(numbers);
  expect(await binary.inbox.take(count)).toEqual(numbers.map((n) => frameTo(connId, n)));
});

test('F3: TCP may split the bytes anywhere without changing the messages', async () => {
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  const raw = await new RawSocket(relay.port).upgrade('/v1/client', phoneHeaders(serverId));
  const bytes = Buffer.concat([1, 2, 3].map((n) => clientFrame(`{"n":${n},"pad":"${'p'.repeat(n * 70)}"}`)));
  for (const byte of bytes) raw.write(Buffer.from([byte]));
  for (const n of [1, 2, 3]) expect(await binary.nextEnvelope()).toMatchObject({ frame: { n } });
  raw.destroy();
});

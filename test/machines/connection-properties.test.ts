/** In any order of events, a connection leaves at most once, gives at most one notice and ends exactly once. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ConnectionEmitted, ConnectionEvent } from '../../src/machines/connection-messages.ts';
import type { Role } from '../../src/protocol/routing-headers.ts';
import { FAR_FUTURE_MS, type Told } from '../support/chart.ts';
import { type ConnectionRun, ended, gone, startConnection } from '../support/connection-chart.ts';

// Outside production, xstate warns about each event that is sent to an actor that has ended.
beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const CLOSE = { closeCode: 4000, reason: 'test' };

const command: fc.Arbitrary<ConnectionEvent> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<ConnectionEvent>({ type: 'probe' }) },
  { weight: 4, arbitrary: fc.constant<ConnectionEvent>({ type: 'notify', connId: 'p9', closeCode: 1000 }) },
  { weight: 1, arbitrary: fc.constant<ConnectionEvent>({ type: 'refuse', close: CLOSE }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('close' as const),
      close: fc.constant(CLOSE),
      cause: fc.constantFrom('directive' as const, 'shutdown' as const),
      flush: fc.boolean(),
      isNoticeOwed: fc.boolean(),
    }),
  },
);

const socketEvent: fc.Arbitrary<ConnectionEvent> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom<ConnectionEvent>(
      { type: 'peer.heard' },
      { type: 'probe.answered' },
      { type: 'socket.paused' },
      { type: 'socket.resumed' },
      { type: 'frame.unheard' },
      { type: 'directive.received', connId: 'p9', closeCode: 1000, isTooLong: false },
      { type: 'backlog.flushed' },
      { type: 'backlog.acknowledged' },
      { type: 'close.written' },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<ConnectionEvent>(
      { type: 'message.stalled' },
      { type: 'write.stalled' },
      { type: 'message.rejected', cause: 'not_json' },
      { type: 'message.rejected', cause: 'not_utf8' },
      { type: 'backlog.overflowed', queue: 'phone' },
      { type: 'backlog.shed' },
      { type: 'backlog.overflowed', queue: 'binary' },
      { type: 'token.revoked' },
      { type: 'fault.found' },
      { type: 'protocol.violated' },
      { type: 'peer.closed' },
    ),
  },
);

const event = (role: Role): fc.Arbitrary<ConnectionEvent> => {
  const admit: ConnectionEvent =
    role === 'phone'
      ? { type: 'admit', binaryId: 'b1', admission: 'registration' }
      : { type: 'admit', binaryId: 'c1', admission: 'claim' };
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(admit) },
    { weight: 4, arbitrary: command },
    { weight: 9, arbitrary: socketEvent },
  );
};

const life = fc.constantFrom<Role>('phone', 'binary').chain((role) =>
  fc.record({
    role: fc.constant(role),
    /** An event, or milliseconds that pass. */
    steps: fc.array(fc.oneof({ weight: 3, arbitrary: event(role) }, fc.integer({ min: 1, max: 60_000 })), {
      maxLength: 30,
    }),
    closeCode: fc.constantFrom(1000, 1005, 1006, 4000),
    late: fc.array(event(role), { maxLength: 5 }),
  }),
);

type Said = Told | ConnectionEmitted;
const isTold = (one: Said): one is Told => Array.isArray(one);
const typeOf = (one: Said): string => (isTold(one) ? one[1].type : one.type);

/** The server's order that the connection accepted, not one that arrived when it was already closing. */
const orderTaken = (connection: ConnectionRun, next: ConnectionEvent): boolean =>
  next.type === 'close' && (connection.snapshot.value === 'waiting' || connection.snapshot.matches('open'));

const property = fc.property(life, ({ role, steps, closeCode, late }) => {
  const connection = startConnection(role);
  const said: Said[] = [];
  let order: ConnectionEvent | undefined;
  let wasRefusedByServer = false;
  for (const next of steps) {
    if (typeof next === 'number') said.push(...connection.advance(next));
    else {
      if (orderTaken(connection, next)) order = next;
      if (next.type === 'refuse' && connection.snapshot.value === 'waiting') wasRefusedByServer = true;
      said.push(...connection.send(next));
    }
    const { status, context } = connection.snapshot;
    expect(status, 'only the end of its socket ends it').toBe('active');
    expect(JSON.parse(JSON.stringify(context))).toStrictEqual(context);
  }
  said.push(...connection.send(gone(closeCode)));
  expect(connection.snapshot.status).toBe('done');

  const types = said.map(typeOf);
  const count = (type: string): number => types.filter((one) => one === type).length;
  const wasAdmitted = connection.snapshot.context.binaryId !== null;

  // Its server is told once that it has left, unless the server refused it or ordered the close.
  expect(count(`${role}.left`)).toBe(wasRefusedByServer || order !== undefined ? 0 : 1);
  // Its binary is told once of a phone's end, unless the server chart says that no notice is owed.
  const isNoticeOwed = order === undefined || (order.type === 'close' && order.isNoticeOwed);
  expect(count('phone.ended')).toBe(role === 'phone' && wasAdmitted && isNoticeOwed ? 1 : 0);

  expect(count('connection.admitted')).toBe(wasAdmitted ? 1 : 0);
  expect(count('connection.left')).toBe(wasAdmitted ? 1 : 0);
  expect(count('connection.refused')).toBeLessThanOrEqual(wasAdmitted ? 0 : 1);
  expect(count('connection.ended')).toBe(1);
  expect(said.at(-1)).toStrictEqual(ended(closeCode, wasAdmitted));
  for (const type of ['discard.due', 'flush.due', 'close.due', 'end.due', 'cut.due']) {
    expect(count(type), type).toBeLessThanOrEqual(1);
  }

  // Nothing is passed on before admission or after the decision to close.
  const admittedAt = types.indexOf('connection.admitted');
  const decidedAt = types.findIndex((type) => type === 'connection.left' || type === 'connection.refused');
  for (const [at, type] of types.entries()) {
    if (!['ping.due', 'probe.due', 'notice.due', 'phone.unheard', 'binary.answered'].includes(type)) continue;
    expect(wasAdmitted, `${type} of a connection that was never admitted`).toBe(true);
    expect(at).toBeGreaterThan(admittedAt);
    expect(at).toBeLessThan(decidedAt);
  }
  const noticeAt = types.indexOf('phone.ended');
  if (noticeAt !== -1 && order === undefined) expect(noticeAt).toBeGreaterThan(types.indexOf('phone.left'));
  const closeAt = types.indexOf('close.due');
  if (closeAt !== -1) expect(closeAt).toBeGreaterThan(types.indexOf('discard.due'));

  expect(connection.send(...late, gone(1000))).toStrictEqual([]);
  expect(connection.advance(FAR_FUTURE_MS)).toStrictEqual([]);
});

test('any order of events gives at most one departure, one notice and one end, and nothing after that', () => {
  fc.assert(property, { numRuns: 1_000 });
});

/** The bound of what all connections together hold: the ledger, the early pauses, and who is closed. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  LEDGER_CHECK_SLICE,
  MOST_SHED_PER_TURN,
  READERS_REST_MS,
  SHED_PER_TURN,
  TIGHT_QUEUE_HIGH_BYTES,
} from '../../src/protocol/limits.ts';
import { LedgerCheck } from '../../src/transport/ledger-check.ts';
import { clientFrame } from '../support/raw-socket.ts';
import { turnEnds } from '../support/turns.ts';
import { fill, settle, type WiredPeer, WiredRelay } from '../support/wired-relay.ts';

const KIB = 1024;
const LIMIT_BYTES = 1024 * KIB;

let relay: WiredRelay;
let binary: WiredPeer;
beforeEach(async () => {
  relay = new WiredRelay({ totalBacklogBytes: LIMIT_BYTES });
  binary = await relay.dial('binary');
});
afterEach(() => relay.dispose());

const heldInAll = (): number => {
  let bytes = 0;
  for (const { heldBytes } of relay.plane.adapters.values()) bytes += heldBytes;
  return bytes;
};

const frameTo = (phone: WiredPeer, bytes: number): string =>
  `{"conn_id":"${phone.connId}","frame":"${'x'.repeat(bytes)}"}`;

/** Its binary sends it frames that its network does not take. */
const backUp = async (phone: WiredPeer, bytes: number): Promise<void> => {
  phone.wire.stall();
  for (let sent = 0; sent < bytes; sent += 40_000) await binary.say(frameTo(phone, 40_000));
};

describe('when all connections together hold too much', () => {
  test('the one that holds most is closed, until the low mark, and no other', async () => {
    const small = await relay.dial('phone');
    const large = await relay.dial('phone');
    await backUp(small, 200 * KIB);
    await backUp(large, 900 * KIB);
    expect(large.state).toEqual({ closing: 'writing' });
    expect(small.state).not.toHaveProperty('closing');
    expect(relay.observed('connection.shed')).toMatchObject([
      {
        connId: large.connId,
        remote: '127.0.0.1',
        source: 'socket',
        limit: 'total_backlog',
        wasClosing: false,
      },
    ]);
    expect(relay.observed('connection.left')).toMatchObject([
      { connId: large.connId, cause: 'relay_backlog_full' },
    ]);
    // What is in the kernel goes out, and then the close frame.
    large.wire.flow();
    await settle();
    expect(large.closed()).toEqual({ code: 1011, reason: 'relay backlog full' });
    expect(relay.plane.backlog.totalBytes).toBe(heldInAll());
  });

  test('one that is closing already is cut', async () => {
    const phone = await relay.dial('phone');
    await backUp(phone, 900 * KIB);
    await binary.say(`{"conn_id":"${phone.connId}","close_code":4401}`);
    expect(phone.state).toEqual({ closing: 'flushing' });
    const other = await relay.dial('phone');
    await backUp(other, 200 * KIB);
    expect(phone.hasEnded).toBe(true);
    expect(other.state).not.toHaveProperty('closing');
    expect(relay.observed('connection.shed')).toMatchObject([{ connId: phone.connId, wasClosing: true }]);
  });

  test('one that has been cut is passed over, and counted once', async () => {
    const first = await relay.dial('phone');
    const second = await relay.dial('phone');
    for (const phone of [first, second]) {
      phone.wire.stall();
      await binary.say(frameTo(phone, 200 * KIB));
    }
    await binary.say(`{"conn_id":"${first.connId}","close_code":4401}`);
    expect(first.state).toEqual({ closing: 'flushing' });
    // Below what both have in the kernel, so that the second pass looks at both again.
    relay.plane.backlog.limitBytes = KIB;
    await settle();
    await settle();
    expect([first.hasEnded, second.hasEnded]).toEqual([true, true]);
    expect(relay.observed('connection.shed')).toMatchObject([
      { connId: first.connId, wasClosing: true },
      { connId: second.connId, wasClosing: false },
      { connId: second.connId, wasClosing: true },
    ]);
  });

  test('a claimant whose message is held is closed and does not get the server-id', async () => {
    await relay.dial('binary', 'other');
    const claimant = await relay.dial('binary', 'other');
    await claimant.say(`"${'x'.repeat(900 * KIB)}"`);
    const phone = await relay.dial('phone');
    await backUp(phone, 200 * KIB);
    expect(relay.observed('connection.shed')).toMatchObject([{ connId: claimant.connId }]);
    expect(claimant.closed()).toEqual({ code: 1011, reason: 'relay backlog full' });
  });

  test('a few are closed in each turn, and no socket that floods is read until they are', async () => {
    const crowd = new WiredRelay({ maxPhones: 0 });
    onTestFinished(() => crowd.dispose());
    const source = await crowd.dial('binary');
    for (let phones = 0; phones < 40; phones++) {
      const phone = await crowd.dial('phone');
      phone.wire.stall();
      await source.say(frameTo(phone, 120_000));
    }
    const other = await crowd.dial('binary', 'other');
    const flood = await crowd.dial('phone', 'other');
    for (let reads = 0; reads < 9; reads++) flood.wire.arrive(clientFrame(`"${'x'.repeat(40_000)}"`));
    const shed = (): number => crowd.observed('connection.shed').length;
    const heard = (): number => other.heard().length;
    // A reload lowers the limit while the flood waits for its second turn.
    crowd.plane.backlog.limitBytes = LIMIT_BYTES;
    const perTurn: number[] = [];
    let heardMeanwhile = 0;
    for (let before = -1; shed() > before; ) {
      before = shed();
      await turnEnds();
      perTurn.push(shed() - Math.max(before, 0));
      if (shed() > before) heardMeanwhile += heard();
    }
    // Fewer once it is below the limit.
    expect(Math.max(...perTurn)).toBe(MOST_SHED_PER_TURN);
    expect(perTurn.findLast((count) => count > 0)).toBeLessThanOrEqual(SHED_PER_TURN);
    expect(perTurn.length).toBeGreaterThan(3);
    expect(crowd.plane.backlog.totalBytes).toBeLessThanOrEqual(LIMIT_BYTES);
    expect(heardMeanwhile).toBeLessThan(3);
    let heardInAll = heardMeanwhile;
    await vi.waitFor(() => {
      heardInAll += heard();
      expect(heardInAll).toBe(9);
    });
  });

  test('above half of the limit, sockets that flood are read with rests between their turns', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const deaf = await relay.dial('phone');
    await backUp(deaf, LIMIT_BYTES / 2 + 80_000);
    const other = await relay.dial('binary', 'other');
    const flood = await relay.dial('phone', 'other');
    for (let reads = 0; reads < 9; reads++) flood.wire.arrive(clientFrame(`"${'x'.repeat(40_000)}"`));
    let heard = 0;
    const hear = async (turns: number): Promise<number> => {
      for (let n = 0; n < turns; n++) await turnEnds();
      heard += other.heard().length;
      return heard;
    };
    const beforeRest = await hear(50);
    expect(beforeRest).toBeLessThan(9);
    expect(relay.observed('readers.rested')).toMatchObject([{ reason: 'backlog' }]);
    for (let rests = 0; rests < 9; rests++) {
      vi.advanceTimersByTime(READERS_REST_MS);
      await hear(3);
    }
    expect(heard).toBe(9);
  });

  test('a fault while one is closed ends neither the bound nor the turns of others', async () => {
    const phone = await relay.dial('phone');
    await backUp(phone, 600 * KIB);
    const { observer } = relay.plane;
    const observe = observer.observe.bind(observer);
    const broken = vi.spyOn(observer, 'observe').mockImplementation((seen) => {
      if (seen.type === 'connection.shed') throw new Error('a fault');
      observe(seen);
    });
    relay.plane.backlog.limitBytes = 300 * KIB;
    await settle();
    broken.mockRestore();
    expect(relay.observed('effect.failed')).toHaveLength(1);
    const other = await relay.dial('binary', 'other');
    const flood = await relay.dial('phone', 'other');
    for (let reads = 0; reads < 9; reads++) flood.wire.arrive(clientFrame(`"${'x'.repeat(9_000)}"`));
    await settle();
    await settle();
    expect(other.heard()).toHaveLength(9);
    relay.plane.backlog.limitBytes = KIB;
    await settle();
    expect(relay.plane.backlog.totalBytes).toBeLessThanOrEqual(KIB);
    relay.disposeOfFaulty();
    relay = new WiredRelay();
  });

  test('an incomplete message counts', async () => {
    const phone = await relay.dial('phone');
    const message = clientFrame(`"${'x'.repeat(900 * KIB)}"`);
    phone.wire.arrive(message.subarray(0, -1));
    await settle();
    expect(phone.adapter.reception.bytes).toBeGreaterThan(900 * KIB);
    expect(relay.plane.backlog.totalBytes).toBe(heldInAll());
    phone.wire.arrive(message.subarray(-1));
    await settle();
    expect(phone.adapter.reception.bytes).toBe(0);
    expect(relay.plane.backlog.totalBytes).toBe(0);
  });
});

describe('above half of the limit', () => {
  test('a phone whose binary is slow is paused far below the usual mark, and nobody is closed', async () => {
    const phone = await relay.dial('phone');
    await backUp(phone, 600 * KIB);
    const other = await relay.dial('binary', 'other');
    const sender = await relay.dial('phone', 'other');
    other.wire.stall();
    await fill(sender, TIGHT_QUEUE_HIGH_BYTES);
    expect(sender.isPaused).toBe(false);
    await sender.say('1');
    expect(sender.isPaused).toBe(true);
    other.wire.flow();
    await settle();
    expect(sender.isPaused).toBe(false);
    expect(relay.observed('connection.shed')).toEqual([]);
  });
});

describe('the ledger', () => {
  const action = fc.record({
    kind: fc.constantFrom(
      'say',
      'frame',
      'partial',
      'stall',
      'flow',
      'hang up',
      'reset',
      'close',
      'dial',
      'dismiss',
    ),
    who: fc.nat(7),
    bytes: fc.constantFrom(1, 300, 9_000, 70_000, 300_000),
  });

  test('is the sum over all connections after every step of a random walk', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
        const walked = new WiredRelay({ totalBacklogBytes: LIMIT_BYTES });
        const peers = [await walked.dial('binary'), await walked.dial('phone'), await walked.dial('binary')];
        const alive = (who: number): WiredPeer | undefined => {
          const peer = peers[who % peers.length];
          return peer === undefined || peer.hasEnded ? undefined : peer;
        };
        for (const { kind, who, bytes } of actions) {
          const peer = alive(who);
          if (kind === 'dial' || peer === undefined) {
            if (peers.length < 12) peers.push(await walked.dial(who === 0 ? 'binary' : 'phone'));
            continue;
          }
          const phone = peers[1 + (who % (peers.length - 1))] ?? peer;
          if (kind === 'say') await peer.say(`"${'x'.repeat(bytes)}"`, '1', '2');
          if (kind === 'frame') await alive(0)?.say(frameTo(phone, bytes), frameTo(phone, 1));
          if (kind === 'dismiss') await alive(0)?.say(`{"conn_id":"${phone.connId}","close_code":4401}`);
          if (kind === 'partial') {
            peer.wire.arrive(clientFrame('x'.repeat(bytes), { fin: false }).subarray(0, bytes));
            await settle();
          }
          if (kind === 'stall') peer.wire.stall();
          if (kind === 'flow') peer.wire.flow();
          if (kind === 'hang up') await peer.hangUp();
          if (kind === 'close') await peer.close();
          if (kind === 'reset') {
            peer.wire.arrive(clientFrame('x'.repeat(bytes)));
            peer.wire.arrive(clientFrame('x'.repeat(bytes)));
            peer.wire.destroy(new Error('reset'));
          }
          await settle();
          let sum = 0;
          for (const { heldBytes } of walked.plane.adapters.values()) sum += heldBytes;
          expect(walked.plane.backlog.totalBytes).toBe(sum);
          expect(sum).toBeLessThanOrEqual(LIMIT_BYTES);
        }
        for (const { wire } of peers) wire.destroy();
        // While much is held, what was read before an end is parsed after a rest.
        await vi.waitFor(() => expect(walked.plane.adapters.size).toBe(0), { interval: 1 });
        walked.dispose();
        expect(walked.plane.backlog.totalBytes).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test('is compared with a slice of the connections in each turn, and one check is under way at a time', async () => {
    const { adapter } = await relay.dial('phone');
    const heldBytes = vi.spyOn(adapter, 'heldBytes', 'get');
    // The binary, and itself again and again: they hold nothing.
    for (let n = 1; n < LEDGER_CHECK_SLICE; n++) relay.plane.adapters.set(`c-${n}`, adapter);
    const check = new LedgerCheck(relay.plane);
    check.start();
    check.start();
    expect(heldBytes).toHaveBeenCalledTimes(LEDGER_CHECK_SLICE - 1);
    await turnEnds();
    expect(heldBytes).toHaveBeenCalledTimes(LEDGER_CHECK_SLICE);
    await turnEnds();
    expect(heldBytes).toHaveBeenCalledTimes(LEDGER_CHECK_SLICE);
    for (let n = 1; n < LEDGER_CHECK_SLICE; n++) relay.plane.adapters.delete(`c-${n}`);
  });

  test('is compared again after a check that failed', async () => {
    const { adapter } = await relay.dial('phone');
    const heldBytes = vi.spyOn(adapter, 'heldBytes', 'get').mockImplementationOnce(() => {
      throw new Error('a fault');
    });
    const check = new LedgerCheck(relay.plane);
    check.start();
    expect(relay.observed('effect.failed')).toHaveLength(1);
    check.start();
    expect(heldBytes).toHaveBeenCalledTimes(2);
    relay.disposeOfFaulty();
    relay = new WiredRelay();
  });

  test('that is wrong is counted as a fault of ours', async () => {
    const phone = await relay.dial('phone');
    await backUp(phone, 100 * KIB);
    const check = new LedgerCheck(relay.plane);
    check.start();
    expect(relay.observed('effect.failed')).toEqual([]);
    phone.adapter.account.charge(1);
    check.start();
    expect(relay.observed('effect.failed')).toEqual([
      {
        type: 'effect.failed',
        err: `the account of ${phone.connId} has ${phone.adapter.heldBytes + 1} bytes, the connection ${phone.adapter.heldBytes}`,
      },
    ]);
    // An account of nobody's.
    relay.plane.adapters.delete(phone.connId);
    check.start();
    expect(relay.observed('effect.failed')).toHaveLength(2);
    relay.plane.adapters.set(phone.connId, phone.adapter);
    relay.disposeOfFaulty();
    relay = new WiredRelay();
  });
});

/** A binary that sends too many broken envelopes loses its connection. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MAX_BROKEN_ENVELOPES, OFFENCE_PERIOD_MS } from '../../src/protocol/limits.ts';
import { Offences } from '../../src/transport/offences.ts';
import { clientFrame } from '../support/raw-socket.ts';
import { turnEnds } from '../support/turns.ts';
import { type WiredPeer, WiredRelay } from '../support/wired-relay.ts';

describe('a period', () => {
  let broken: Offences;
  /** Adds so many at this time; whether any of them was too many. */
  const add = (count: number, nowMs: number): boolean =>
    Array.from({ length: count }, () => broken.addedTooMany(nowMs)).includes(true);
  beforeEach(() => {
    broken = new Offences(MAX_BROKEN_ENVELOPES);
  });

  test('allows one less than the maximum', () => {
    expect(add(MAX_BROKEN_ENVELOPES - 1, 0)).toBe(false);
    expect(add(1, OFFENCE_PERIOD_MS - 1)).toBe(true);
  });

  test('is followed by a new one, with a new count', () => {
    expect(add(MAX_BROKEN_ENVELOPES - 1, 0)).toBe(false);
    expect(add(MAX_BROKEN_ENVELOPES - 1, OFFENCE_PERIOD_MS)).toBe(false);
    expect(add(1, OFFENCE_PERIOD_MS)).toBe(true);
  });
});

describe('a binary', () => {
  let relay: WiredRelay;
  let binary: WiredPeer;
  beforeEach(async () => {
    relay = new WiredRelay();
    binary = await relay.dial('binary');
  });
  afterEach(() => relay.dispose());

  const send = async (count: number, envelope: string): Promise<void> => {
    binary.wire.arrive(Buffer.concat(Array.from({ length: count }, () => clientFrame(envelope))));
    for (let turns = 0; turns < 40; turns++) await turnEnds();
  };

  test.each(['{}', 'no JSON', '[]', '{"conn_id":1}'])(
    'that sends too many of %s is closed with 1008',
    async (envelope) => {
      await send(MAX_BROKEN_ENVELOPES - 1, envelope);
      expect(binary.closed()).toBeUndefined();
      await send(1, envelope);
      expect(binary.closed()).toEqual({ code: 1008, reason: 'too many broken envelopes' });
      expect(relay.observed('connection.left')).toEqual([
        expect.objectContaining({ cause: 'broken_envelopes' }),
      ]);
    },
  );

  test('gains nothing by valid ones in between', async () => {
    for (let n = 0; n < 2; n++) {
      await send(MAX_BROKEN_ENVELOPES / 2, '{}');
      await send(1, '{"push_wake":true}');
    }
    expect(binary.closed()?.code).toBe(1008);
  });

  test.each([
    '{"conn_id":"c-0123456789abcdef","frame":1}',
    '{"conn_id":"c-0123456789abcdef","close_code":1000}',
    '{"push_wake":true}',
  ])('may send any number of %s', async (envelope) => {
    await send(MAX_BROKEN_ENVELOPES + 1, envelope);
    expect(binary.closed()).toBeUndefined();
  });
});

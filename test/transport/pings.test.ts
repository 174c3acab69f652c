/** A pong, whatever its payload, answers only a ping that was sent and all pings before it. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Pings } from '../../src/transport/pings.ts';

const pong = (text: string) => Buffer.from(text, 'latin1');

describe('a pong', () => {
  test('answers the heartbeat whose payload it has, and no other payload does', () => {
    const pings = new Pings();
    const payload = pings.nextHeartbeat();
    expect(pings.readPong(pong(payload))).toEqual({ answersHeartbeat: true, answersProbe: false });
    expect(pings.readPong(pong(`${payload}0`))).toEqual({ answersHeartbeat: false, answersProbe: false });
  });

  test('to a later ping answers the earlier ones too', () => {
    const pings = new Pings();
    pings.nextProbe();
    const later = pings.nextHeartbeat();
    expect(pings.readPong(pong(later))).toEqual({ answersHeartbeat: true, answersProbe: true });
  });

  test('to an earlier ping does not answer the later ones', () => {
    const pings = new Pings();
    const earlier = pings.nextHeartbeat();
    pings.nextHeartbeat();
    pings.nextProbe();
    expect(pings.readPong(pong(earlier))).toEqual({ answersHeartbeat: false, answersProbe: false });
  });

  test('answers a probe only once', () => {
    const pings = new Pings();
    const probe = pings.nextProbe();
    expect(pings.readPong(pong(probe)).answersProbe).toBe(true);
    expect(pings.readPong(pong(probe)).answersProbe).toBe(false);
  });
});

type Step =
  | { readonly do: 'heartbeat' }
  | { readonly do: 'probe' }
  | { readonly do: 'pong'; readonly text: string };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('heartbeat') }),
  fc.record({ do: fc.constant('probe') }),
  fc.record({
    do: fc.constant('pong'),
    text: fc.oneof(
      fc.nat(12).map(String),
      fc.nat(12).map((n) => `0${n}`),
      fc.constantFrom(
        '',
        '-1',
        '+1',
        '1.0',
        '1e0',
        ' 1',
        '1 ',
        '0x1',
        '١',
        '1\0',
        '9'.repeat(15),
        '1'.repeat(125),
      ),
      fc.string({ unit: 'binary', maxLength: 125 }),
    ),
  }),
);

test('any sequence of pings and pongs is read as by a plain list of pings', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const pings = new Pings();
      const sent: ('heartbeat' | 'probe')[] = [];
      let isProbing = false;
      for (const next of steps) {
        if (next.do === 'pong') {
          // Compare bytes: of other characters only the low byte is sent, which may be a digit.
          const text = pong(next.text).toString('latin1');
          const number = /^\d{1,15}$/.test(text) ? Number(text) : 0;
          const isOurs = number >= 1 && number <= sent.length;
          const answers = (kind: 'heartbeat' | 'probe') => isOurs && number > sent.lastIndexOf(kind);
          const answersProbe = isProbing && answers('probe');
          expect(pings.readPong(pong(next.text))).toEqual({
            answersHeartbeat: answers('heartbeat'),
            answersProbe,
          });
          if (answersProbe) isProbing = false;
        } else {
          sent.push(next.do);
          if (next.do === 'probe') isProbing = true;
          expect(next.do === 'probe' ? pings.nextProbe() : pings.nextHeartbeat()).toBe(String(sent.length));
        }
      }
    }),
    { numRuns: 1_000 },
  );
});

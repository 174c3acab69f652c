/** A pong, whatever its payload, answers only a ping that was sent and all pings before it. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Pings } from '../../src/transport/pings.ts';

const pong = (text: string) => Buffer.from(text, 'latin1');

test('pings are numbered from 1', () => {
  const pings = new Pings();
  expect([pings.next(), pings.next(), pings.next()]).toEqual(['1', '2', '3']);
});

test('a pong answers its ping and all earlier ones, once', () => {
  const pings = new Pings();
  const payloads = [pings.next(), pings.next(), pings.next()];
  expect(pings.readPong(pong(payloads[1] ?? ''))).toBe(true);
  expect(pings.answered).toBe(2);
  expect(pings.readPong(pong(payloads[0] ?? ''))).toBe(false);
  expect(pings.readPong(pong(payloads[1] ?? ''))).toBe(false);
  expect(pings.readPong(pong(payloads[2] ?? ''))).toBe(true);
  expect(pings.answered).toBe(3);
});

type Step = { readonly do: 'ping' } | { readonly do: 'pong'; readonly text: string };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('ping') }),
  fc.record({
    do: fc.constant('pong'),
    text: fc.oneof(
      fc.nat(12).map(String),
      fc.nat(12).map((n) => `0${n}`),
      fc.constantFrom('', '-1', '+1', '1.0', '1e0', ' 1', '1 ', '0x1', '١', '1\0'),
      fc.constantFrom('9'.repeat(15), '1'.repeat(125)),
      fc.string({ unit: 'binary', maxLength: 125 }),
    ),
  }),
);

test('any sequence of pings and pongs is read as by a plain list of pings', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const pings = new Pings();
      let sent = 0;
      let answered = 0;
      for (const next of steps) {
        if (next.do === 'ping') {
          sent++;
          expect(pings.next()).toBe(String(sent));
          continue;
        }
        // Compare bytes: of other characters only the low byte is sent, which may be a digit.
        const text = pong(next.text).toString('latin1');
        const number = /^\d{1,15}$/.test(text) ? Number(text) : 0;
        const isNews = number > answered && number <= sent;
        expect(pings.readPong(pong(next.text))).toBe(isNews);
        if (isNews) answered = number;
        expect(pings.answered).toBe(answered);
      }
    }),
    { numRuns: 1_000 },
  );
});

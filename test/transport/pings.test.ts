/** A pong answers only a ping that was sent, and all pings before it. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_OUTSTANDING_PINGS } from '../../src/protocol/limits.ts';
import { Pings } from '../../src/transport/pings.ts';

const pong = (text: string) => Buffer.from(text, 'latin1');

test('a pong answers its ping and all earlier ones, once', () => {
  const pings = new Pings();
  const payloads = [pings.next(), pings.next(), pings.next()];
  expect(pings.readPong(pong(payloads[1] ?? ''))).toBe(true);
  expect(pings.readPong(pong(payloads[0] ?? ''))).toBe(false);
  expect(pings.readPong(pong(payloads[1] ?? ''))).toBe(false);
  expect(pings.answered).toBe(1);
  expect(pings.readPong(pong(payloads[2] ?? ''))).toBe(true);
  expect(pings.answered).toBe(2);
});

test('payloads are numbered, and the rest of each is random', () => {
  const pings = new Pings();
  // More than are drawn at once.
  const payloads = Array.from({ length: 5_000 }, () => pings.next());
  expect(payloads.map((text) => Number.parseInt(text, 10))).toEqual(payloads.map((_, i) => i + 1));
  const tags = payloads.map((text) => text.slice(text.indexOf('.') + 1));
  expect(new Set(tags).size).toBe(tags.length);
  expect(tags.every((tag) => /^[\w-]{8}$/.test(tag))).toBe(true);
});

test('only the latest pings are remembered', () => {
  const pings = new Pings();
  const payloads = Array.from({ length: MAX_OUTSTANDING_PINGS + 1 }, () => pings.next());
  expect(pings.readPong(pong(payloads[0] ?? ''))).toBe(false);
  expect(pings.readPong(pong(payloads[1] ?? ''))).toBe(true);
});

type Step =
  | { readonly do: 'ping' }
  | { readonly do: 'pong'; readonly nth: number }
  | { readonly do: 'guess'; readonly text: string };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('ping') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pong'), nth: fc.nat(12) }) },
  fc.record({
    do: fc.constant('guess'),
    text: fc.oneof(
      fc.nat(12).map(String),
      fc.nat(12).map((n) => `${n}.`),
      fc.string({ unit: 'binary', maxLength: 125 }),
    ),
  }),
);

test('any sequence of pings, pongs and guesses is read as by a plain list of pings', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const pings = new Pings();
      const sent: string[] = [];
      /** How many of them have been answered. */
      let settled = 0;
      for (const next of steps) {
        if (next.do === 'ping') sent.push(pings.next());
        else if (next.do === 'guess') expect(pings.readPong(pong(next.text))).toBe(false);
        else {
          const isNews = next.nth >= settled && next.nth < sent.length;
          expect(pings.readPong(pong(sent[next.nth] ?? 'none'))).toBe(isNews);
          if (isNews) settled = next.nth + 1;
        }
      }
    }),
    { numRuns: 1_000 },
  );
});

/** The ledger of all that is queued and received. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BacklogAccount, BacklogLedger } from '../../src/admission/backlog-ledger.ts';

/** A plain copy of what an account should hold. */
interface Held {
  readonly account: BacklogAccount<number>;
  queued: number;
  received: number;
  isClosed: boolean;
}

const step = fc.record({
  kind: fc.constantFrom('open', 'charge', 'release', 'receive', 'close'),
  which: fc.nat(9),
  bytes: fc.nat(100_000),
});

test('holds what all connections together hold, after every step', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      let fullCalls = 0;
      const ledger = new BacklogLedger<number>(200_000, () => fullCalls++);
      const all: Held[] = [];
      for (const { kind, which, bytes } of steps) {
        const callsBefore = fullCalls;
        const totalBefore = ledger.totalBytes;
        const held = all[which % Math.max(all.length, 1)];
        if (kind === 'open' || held === undefined) {
          all.push({ account: ledger.open(all.length), queued: 0, received: 0, isClosed: false });
          continue;
        }
        if (kind === 'charge') {
          held.account.charge(bytes);
          held.queued += bytes;
        } else if (kind === 'release') {
          const released = Math.min(bytes, held.queued);
          held.account.charge(-released);
          held.queued -= released;
        } else if (kind === 'receive') {
          held.account.receive(bytes);
          held.received = bytes;
        } else {
          held.account.close();
          held.isClosed = true;
        }
        const open = all.filter(({ isClosed }) => !isClosed);
        const bytesOf = ({ queued, received }: Held): number => queued + received;
        expect(ledger.totalBytes).toBe(open.reduce((sum, one) => sum + bytesOf(one), 0));
        for (const one of all) expect(one.account.bytes).toBe(one.isClosed ? 0 : bytesOf(one));
        const sizes = open.map(bytesOf).filter((size) => size > 0);
        const largest = sizes.toSorted((one, other) => other - one);
        expect(ledger.largestFirst(100).map((account) => account.bytes)).toEqual(largest);
        expect(ledger.largestFirst(2).map((account) => account.bytes)).toEqual(largest.slice(0, 2));
        expect(ledger.isFull).toBe(ledger.totalBytes > 200_000);
        expect(ledger.isTight).toBe(ledger.totalBytes > 100_000);
        const hasGrown = ledger.totalBytes > totalBefore;
        if (hasGrown) expect(fullCalls > callsBefore).toBe(ledger.isFull);
      }
    }),
  );
});

test('of those that hold the same, the one that was opened first is first', () => {
  const ledger = new BacklogLedger<string>(1_000, () => {});
  for (const owner of ['a', 'b', 'c']) ledger.open(owner).charge(owner === 'b' ? 20 : 10);
  expect(ledger.largestFirst(3).map(({ owner }) => owner)).toEqual(['b', 'a', 'c']);
});

test('those that may not go take no place of others', () => {
  const ledger = new BacklogLedger<string>(1_000, () => {});
  for (const owner of ['a', 'b', 'c', 'd']) ledger.open(owner).charge(owner < 'c' ? 20 : 10);
  expect(ledger.largestFirst(2, (owner) => owner > 'a').map(({ owner }) => owner)).toEqual(['b', 'c']);
});

test('a lower limit takes effect at once', () => {
  let fullCalls = 0;
  const ledger = new BacklogLedger<string>(1_000, () => fullCalls++);
  ledger.open('a').charge(900);
  expect(fullCalls).toBe(0);
  ledger.limitBytes = 800;
  expect(fullCalls).toBe(1);
  expect(ledger.lowBytes).toBe(700);
});

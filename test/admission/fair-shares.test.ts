import { expect, test } from 'vitest';
import { FairShares } from '../../src/admission/fair-shares.ts';

const [A, B, C] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];
const queue = (...members: { readonly name: string }[]) => members.map((member) => ({ member }));

test('the one that has used least is served first, and of equals the one that came first', () => {
  const shares = new FairShares<{ readonly name: string }>(0);
  shares.take(A, 300);
  shares.take(B, 100);
  shares.take(C, 100);
  const waiting = queue(A, B, C);
  const served = [shares.serve(waiting), shares.serve(waiting), shares.serve(waiting), shares.serve(waiting)];
  expect(served.map((one) => one?.member)).toEqual([B, C, A, undefined]);
});

test('one that uses little is not ahead, beside others that use much', () => {
  const shares = new FairShares<{ readonly name: string }>(10);
  for (let round = 0; round < 100; round++) {
    shares.take(A, 50);
    shares.take(B, 50);
    shares.take(C, 5);
    expect([shares.isAhead(A), shares.isAhead(B)]).toEqual([true, true]);
    const waiting = queue(A, B);
    while (shares.serve(waiting) !== undefined);
    expect(shares.isAhead(C)).toBe(false);
  }
});

test('who was idle has no more than its lead', () => {
  const shares = new FairShares<{ readonly name: string }>(10);
  shares.take(A, 1_000);
  shares.serve(queue(A));
  shares.take(B, 10);
  expect(shares.isAhead(B)).toBe(false);
  shares.take(B, 1);
  expect(shares.isAhead(B)).toBe(true);
});

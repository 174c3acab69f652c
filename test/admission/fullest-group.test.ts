import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FullestGroup } from '../../src/admission/fullest-group.ts';

test('one of the fullest group goes, its oldest, after any sequence of additions and removals', () => {
  const step = fc.record({ group: fc.constantFrom('a', 'b', 'c', 'd'), removes: fc.nat({ max: 3 }) });
  const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const groups = new FullestGroup<number>();
    let plain: { readonly group: string; readonly member: number }[] = [];
    for (const [member, { group, removes }] of steps.entries()) {
      if (removes === 0 && plain.length > 0) {
        const gone = plain[member % plain.length]?.member ?? -1;
        groups.remove(gone);
        plain = plain.filter((one) => one.member !== gone);
      } else {
        groups.add(group, member);
        plain.push({ group, member });
      }
      const sizeOf = (name: string): number => plain.filter((one) => one.group === name).length;
      const most = Math.max(0, ...plain.map((one) => sizeOf(one.group)));
      const found = groups.oldestOfFullest();
      expect(groups.size).toBe(plain.length);
      if (plain.length === 0) expect(found).toBeUndefined();
      else {
        const { group: of } = plain.find((one) => one.member === found) ?? { group: '' };
        expect(sizeOf(of)).toBe(most);
        expect(plain.find((one) => one.group === of)?.member).toBe(found);
      }
    }
  });
  fc.assert(property, { numRuns: 500 });
});

test('of many groups of one, the first goes', () => {
  const groups = new FullestGroup<string>();
  for (const name of ['a', 'b', 'c']) groups.add(name, name);
  groups.remove('a');
  groups.add('a', 'again');
  expect(groups.oldestOfFullest()).toBe('b');
});

/** What the process may do beyond what it needs. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { excessCapabilities, excessPrivileges } from '../../src/boot/privileges.ts';

const statusOf = (effective: bigint): string =>
  `Name:\tnode\nCapPrm:\tffffffffffffffff\nCapEff:\t${effective.toString(16).padStart(16, '0')}\nCapBnd:\t0000000000000000\n`;

const bit = (index: number): bigint => 1n << BigInt(index);

test.each<[string, bigint, readonly string[]]>([
  ['none', 0n, []],
  ['NET_BIND_SERVICE', bit(10), []],
  ['one', bit(21), ['SYS_ADMIN']],
  ['the first and the last that have names', bit(0) | bit(10) | bit(40), ['CHOWN', 'CHECKPOINT_RESTORE']],
  ['those that a later kernel adds', bit(41) | bit(63), ['bit 41', 'bit 63']],
])('capabilities in effect: %s', (_, effective, names) => {
  expect(excessCapabilities(statusOf(effective))).toEqual(names);
});

test('any set of capabilities is named in full, but for NET_BIND_SERVICE', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (effective) => {
      const count = effective.toString(2).replaceAll('0', '').length;
      const allowed = Number((effective >> 10n) & 1n);
      expect(new Set(excessCapabilities(statusOf(effective))).size).toBe(count - allowed);
    }),
  );
});

test.each(['', 'CapEff:', 'CapEff:\tzz', 'CapEff:\t11111111111111111', 'XCapEff:\t0', 'CapEff: -1'])(
  'a status that does not say: %j',
  (status) => {
    expect(excessCapabilities(status)).toBeUndefined();
    expect(excessPrivileges({ effectiveUid: 1_000, processStatus: status })).toEqual([
      'unknown capabilities: /proc/self/status does not say',
    ]);
  },
);

test('the kernel’s own status is understood', { skip: process.platform !== 'linux' }, () => {
  expect(excessCapabilities(readFileSync('/proc/self/status', 'utf8'))).toBeDefined();
});

test('root is one thing, capabilities another, and each says what to do', () => {
  expect(excessPrivileges({ effectiveUid: 0, processStatus: statusOf(0n) })).toEqual([
    'root (effective uid 0): run as a user of its own',
  ]);
  expect(excessPrivileges({ effectiveUid: 0, processStatus: statusOf(bit(12) | bit(13)) })[1]).toBe(
    'capabilities NET_ADMIN, NET_RAW: drop all but NET_BIND_SERVICE, which ports below 1024 need',
  );
  expect(excessPrivileges({ effectiveUid: 1, processStatus: statusOf(2n ** 41n - 1n) })[0]).toBe(
    'capabilities CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, FSETID, KILL, SETGID, SETUID and 32 more: ' +
      'drop all but NET_BIND_SERVICE, which ports below 1024 need',
  );
  expect(excessPrivileges({ effectiveUid: undefined, processStatus: undefined })).toEqual([]);
});

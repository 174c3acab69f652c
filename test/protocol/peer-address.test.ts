import { expect, test } from 'vitest';
import { peerAddress } from '../../src/protocol/peer-address.ts';

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['::ffff:192.0.2.1%lo', '192.0.2.1'],
  ['2001:db8::1', '2001:db8::1'],
  ['::ffff:0:1', '::ffff:0:1'],
  [undefined, ''],
])('%s is %s', (reported, known) => {
  expect(peerAddress(reported)).toBe(known);
});

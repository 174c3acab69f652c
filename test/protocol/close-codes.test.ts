import { describe, expect, test } from 'vitest';
import * as closeCodes from '../../src/protocol/close-codes.ts';

const { maySendCloseCode } = closeCodes;

/** Every close that the relay itself chooses, as listed in the spec. */
const closes: readonly (readonly [closeCodes.Close, number, string])[] = [
  [closeCodes.NO_SERVER, 4404, 'no server with that id'],
  [closeCodes.BINARY_RECLAIMED, 4404, 'binary reclaimed server-id'],
  [closeCodes.TOO_MANY_PHONES, 4429, 'too many phones for server-id'],
  [closeCodes.SERVER_ID_CLAIMED, 4409, 'server-id already claimed'],
  [closeCodes.HEARTBEAT_TIMEOUT, 1011, 'heartbeat timeout'],
  [closeCodes.PHONE_BACKLOG_FULL, 1011, 'phone backlog full'],
  [closeCodes.RELAY_BACKLOG_FULL, 1011, 'relay backlog full'],
  [closeCodes.PHONE_WRITE_FAILED, 1011, 'phone write failed'],
  [closeCodes.SHUTTING_DOWN, 1001, 'shutting down'],
  [closeCodes.NOT_JSON, 1000, ''],
  [closeCodes.NOT_UTF8, 1007, ''],
];

describe('the closes of the relay', () => {
  test.each(closes)('%j has the code and reason of the spec', (close, closeCode, reason) => {
    expect(close).toEqual({ closeCode, reason });
  });

  test('each has a code that may be sent and a reason that fits a close frame', () => {
    const all = Object.values(closeCodes).filter((value) => typeof value === 'object');
    expect(all.length).toBeGreaterThanOrEqual(closes.length);
    for (const { closeCode, reason } of all) {
      expect(maySendCloseCode(closeCode), reason).toBe(true);
      expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
    }
  });
});

describe('a close frame', () => {
  test('may carry only 1000 to 1014 except 1004 to 1006, and 3000 to 4999', () => {
    const range = (from: number, to: number): number[] =>
      Array.from({ length: to - from + 1 }, (_, i) => from + i);
    const sendable = range(0, 0xffff).filter((code) => maySendCloseCode(code));
    expect(sendable).toEqual([...range(1000, 1003), ...range(1007, 1014), ...range(3000, 4999)]);
  });

  test('may not carry a code outside 16 bits', () => {
    expect([-1, 65_536, 1e9, Number.NaN, Number.POSITIVE_INFINITY].filter(maySendCloseCode)).toEqual([]);
  });
});

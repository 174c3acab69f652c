/** The allow-list of keys holds at run time too. */
import { expect, test } from 'vitest';
import { Census } from '../../src/observe/census.ts';
import type { LogFields } from '../../src/observe/log-events.ts';
import { droppedLogKeys, write } from '../../src/observe/log-line.ts';
import { Metrics } from '../../src/observe/metrics.ts';

test('a key that its event does not list is not written, but counted', async () => {
  const before = droppedLogKeys();
  const lines: object[] = [];
  const push = (fields: object): void => void lines.push(fields);
  const sink = { info: push, warn: push, error: push };
  const fields = { server_id: 's', token: 'a secret', frame: '{}' } as LogFields<'server_released'>; // More than its type has.
  write(sink, 'server_released', fields);
  write(sink, 'server_released', { server_id: 's' });
  expect(lines).toEqual([{ server_id: 's' }, { server_id: 's' }]);
  expect(droppedLogKeys()).toBe(before + 2);
  const none = (): number => 0;
  const scraped = await new Metrics(new Census(), {
    dropped: none,
    refusalsWithheld: none,
    leftOut: none,
  }).scrape();
  expect(scraped).toContain(`pyrycode_relay_log_keys_dropped ${before + 2}\n`);
});

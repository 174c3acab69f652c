/** `npm run demo`: its stories end by themselves, and show what they say. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const play = async (...args: readonly string[]): Promise<string> => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['scripts/demo.js', ...args]);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/relay {5}has stopped\n$/);
  return stdout;
};

test('a binary comes, goes, and comes back', async () => {
  const told = await play();
  for (const close of ['4404', '4429', '4409', '4401', '1001']) expect(told).toContain(`is closed: ${close}`);
});

test('with --push, a phone that is away is woken', async () => {
  const told = await play('--push');
  const events = [...told.matchAll(/logs {5}(\w+)/g)].map(([, event]) => event);
  expect(events).toEqual([
    'push_wake_sent',
    'push_wake_sent',
    'push_wake_send_failed',
    'binary_forwarder_push_wake_dropped',
  ]);
  expect(told.match(/gives the relay a bearer token/g)).toHaveLength(1);
});

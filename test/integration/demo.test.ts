/** `npm run demo`: its stories end by themselves, and show what they say. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { graceMs, tellRegistryStory } from '../../scripts/demo/registry-story.js';
import { SERVER_ID } from '../../scripts/demo/stage.js';
import { PeerNames } from '../../src/inspect/page/peer-names.ts';
import type { ReplayPageServer } from '../../src/inspect/replay-page-data.ts';
import { createRelay } from '../../src/relay.ts';

afterEach(() => void vi.restoreAllMocks());

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

test('the live page has the names of the story', async () => {
  const relay = createRelay({
    ...{ insecureListen: { host: '127.0.0.1', port: 0 }, inspectListen: { host: '127.0.0.1', port: 0 } },
    ...{ rateBurst: 0, maxPhones: 2, graceMs },
  });
  const { address, inspectAddress } = await relay.start();
  const said: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void said.push(line));
  await tellRegistryStory(`ws://127.0.0.1:${address.port}`);
  const asked = await fetch(`http://127.0.0.1:${inspectAddress?.port}/past?server=${SERVER_ID}`);
  const past = (await asked.json()) as ReplayPageServer; // The form of its answer.
  await relay.stop();

  const names = new PeerNames();
  names.begin(past.before);
  const named = new Map<string, string>();
  for (const event of past.steps.flatMap(({ events }) => events)) {
    names.note(event);
    const { connId, type } = event.message;
    if (/^(binary\.claimed|phone\.registered)$/.test(type)) named.set(connId, names.party(connId, ''));
  }
  const dialled = said.flatMap((line) => /^ *[\d.]+s {2}(.+?) +dials/.exec(line)?.[1] ?? []);
  expect(dialled).toHaveLength(9);
  // The first phone found no binary: nobody has claimed the server-id, so it has no past yet.
  expect([...named.values()]).toEqual(dialled.slice(1));
});

/** examples/ runs, and says what docs/wire.md promises. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { hashToken } from '../../src/admission/binary-tokens.ts';
import { Inbox } from '../support/inbox.ts';
import { TestRelay } from '../support/relay.ts';

const example = (name: string): string => new URL(`../../examples/${name}.mjs`, import.meta.url).pathname;

const SECRET = 'for the binary';

const children: ChildProcess[] = [];
let relay: TestRelay | undefined;
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await relay?.dispose();
  relay = undefined;
});

interface Running {
  readonly child: ChildProcess;
  readonly lines: Inbox<string>;
  readonly exited: Promise<unknown>;
}

const run = (name: 'phone' | 'binary', ...args: readonly string[]): Running => {
  const child = spawn(process.execPath, [example(name), ...args], {
    env: { ...process.env, TOKEN: name === 'binary' ? SECRET : '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const lines = new Inbox<string>(name);
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(`! ${line}`));
  return { child, lines, exited: once(child, 'exit') };
};

test('a phone and a binary of 30 lines each talk, and the binary hangs up', async () => {
  relay = await TestRelay.start();
  const binary = run('binary', relay.url, 'home');
  expect(await binary.lines.next()).toBe('claims home');
  await relay.logged('server_claimed');
  const phone = run('phone', relay.url, 'home', 'hello', 'bye');
  const heard = [];
  for (let i = 0; i < 4; i++) heard.push(await phone.lines.next());
  expect(heard).toEqual([
    'dials home',
    'hears {"echo":"hello"}',
    'hears {"echo":"bye"}',
    'is closed with 4000 ',
  ]);
  await phone.exited;
  expect(await binary.lines.next()).toMatch(/^c-[0-9a-f]{16} says "hello"$/);
  expect(await binary.lines.next()).toMatch(/^c-[0-9a-f]{16} says "bye"$/);

  // A phone that leaves by itself causes a notice.
  const second = run('phone', relay.url, 'home', 'hello');
  expect(await binary.lines.next()).toMatch(/says "hello"$/);
  expect(await second.lines.next()).toBe('dials home');
  expect(await second.lines.next()).toBe('hears {"echo":"hello"}');
  second.child.kill('SIGINT');
  expect(await binary.lines.next()).toMatch(/^c-[0-9a-f]{16} has left with 1000$/);
  binary.child.kill('SIGINT');
  expect(await binary.lines.next()).toBe('is closed with 1000 ');
});

test('they say why they are refused', async () => {
  relay = await TestRelay.start();
  const early = run('phone', relay.url, 'nobody');
  expect(await early.lines.next()).toBe('dials nobody');
  expect(await early.lines.next()).toBe('is closed with 4404 no server with that id');
  const long = run('binary', relay.url, 'x'.repeat(200));
  expect(await long.lines.next()).toBe('! X-Pyrycode-Server is too long: at most 128 bytes are accepted');
});

test('a binary presents its token where the relay asks for one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'examples-'));
  const file = join(folder, 'tokens');
  writeFileSync(file, hashToken(SECRET));
  relay = await TestRelay.start({ binaryTokens: file });
  rmSync(folder, { recursive: true });
  const binary = run('binary', relay.url, 'home');
  expect(await binary.lines.next()).toBe('claims home');
});

test.each(['phone', 'binary'] as const)(
  '%s.mjs says what an address without a scheme lacks',
  async (name) => {
    const { lines } = run(name, '127.0.0.1:8080');
    expect(await lines.next()).toBe('! the relay is ws://HOST or wss://HOST, not 127.0.0.1:8080');
  },
);

test.each(['phone', 'binary'])('%s.mjs has about 30 lines', (name) => {
  expect(readFileSync(example(name), 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(32);
});

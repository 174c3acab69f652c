/** A log that is read slowly, or whose pipe is shared. A shell gives a pipe; Node gives its children a socket. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { floodLog, LINES_PER_BINARY } from '../support/log-flood.ts';
import { type Peer, Peers } from '../support/peer.ts';
import { MAIN } from '../support/relay-process.ts';

let url = '';
let pid = 0;
const peers = new Peers(() => url);
afterEach(() => {
  peers.dispose();
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
});

/** Prints its process id on stderr, then becomes the relay. `cat` blocks when we do not read. */
const COMMANDS = {
  'a pipe': '(echo $BASHPID >&2; exec "$@") | cat',
  'a socket': 'echo $BASHPID >&2; exec "$@"',
};

class SlowLog {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  #text = '';
  #bytesPerMs = Number.POSITIVE_INFINITY;
  readonly closed: Promise<unknown>;

  private constructor(kind: keyof typeof COMMANDS, args: readonly string[]) {
    const relay = [
      process.execPath,
      MAIN,
      '--insecure-listen',
      '127.0.0.1:0',
      '--metrics-listen=',
      '--rate-burst',
      '0',
      ...args,
    ];
    this.#child = spawn('bash', ['-c', COMMANDS[kind], 'bash', ...relay], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.closed = once(this.#child, 'close');
    this.#child.stdout.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString();
      if (this.#bytesPerMs === Number.POSITIVE_INFINITY) return;
      this.#child.stdout.pause();
      setTimeout(() => this.#child.stdout.resume(), chunk.length / this.#bytesPerMs);
    });
  }

  static async start(kind: keyof typeof COMMANDS, args: readonly string[] = []): Promise<SlowLog> {
    const log = new SlowLog(kind, args);
    const [printed] = (await once(log.#child.stderr, 'data')) as [Buffer]; // No encoding is set.
    pid = Number(printed.toString());
    while (!log.#text.includes('"listening"')) await once(log.#child.stdout, 'data');
    url = `ws://${/"msg":"listening"|"listen":"([^"]+)"/.exec(log.#text)?.[1] ?? ''}`;
    return log;
  }

  stall(): void {
    this.#child.stdout.pause();
  }

  /**
   * Reads a chunk, waits as long as it should have taken, and so on. `cat` takes 128 KiB before it reads on: the relay must not wait longer
   * than its patience, a second, for that.
   */
  readSlowly(bytesPerMs: number): void {
    this.#bytesPerMs = bytesPerMs;
    this.#child.stdout.resume();
  }

  /** Has 9 KB of lines logged for each of so many binaries, while nobody reads. */
  async fill(binaries: number): Promise<Peer> {
    this.stall();
    return await floodLog(peers, binaries);
  }

  /** Each line is whole, or this throws. */
  get messages(): unknown[] {
    expect(this.#text.endsWith('\n')).toBe(true);
    const lines = this.#text.trimEnd().split('\n');
    return lines.map((line) => (JSON.parse(line) as { msg: unknown }).msg); // A log line is an object.
  }
}

/** How many lines are about a message of a binary. */
const ofMessages = (messages: readonly unknown[]): number =>
  messages.filter((message) => typeof message === 'string' && DROPPED.has(message)).length;

const DROPPED = new Set([
  'binary_forwarder_unmarshal_err',
  'binary_forwarder_push_wake_dropped',
  'binary_forwarder_unknown_conn_id',
]);

describe.each(['a pipe', 'a socket'] as const)('stdout is %s', (kind) => {
  test('a reader that is slow but steady gets every line', async () => {
    const log = await SlowLog.start(kind);
    await log.fill(100);
    process.kill(pid, 'SIGTERM');
    log.readSlowly(2_000);
    await log.closed;
    expect(ofMessages(log.messages)).toBe(100 * LINES_PER_BINARY);
    expect(log.messages.at(-1)).toBe('shutdown complete');
  });

  test('one that is too slow for the drain deadline gets whole lines, and the last one', async () => {
    const log = await SlowLog.start(kind, ['--drain-deadline', '1s']);
    await log.fill(200);
    process.kill(pid, 'SIGTERM');
    // All of it takes 4.5 s.
    log.readSlowly(400);
    await log.closed;
    expect(ofMessages(log.messages)).toBeLessThan(200 * LINES_PER_BINARY);
    expect(log.messages.at(-1)).toBe('shutdown complete');
  });

  test('the last line finds room in a backlog that is full', async () => {
    const log = await SlowLog.start(kind);
    const binary = await log.fill(320);
    process.kill(pid, 'SIGTERM');
    // Nothing is read before the drain is over.
    await binary.closed;
    log.readSlowly(20_000);
    await log.closed;
    expect(ofMessages(log.messages)).toBeLessThan(320 * LINES_PER_BINARY);
    expect(log.messages.at(-1)).toBe('shutdown complete');
  });
});

test.runIf(process.platform === 'linux')('a pipe that others share stays blocking for them', async () => {
  const log = await SlowLog.start('a pipe');
  const [, flags = ''] = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/1`, 'utf8')) ?? [];
  const O_NONBLOCK = 0o4000;
  expect(Number.parseInt(flags, 8) & O_NONBLOCK).toBe(0);
  process.kill(pid, 'SIGTERM');
  await log.closed;
});

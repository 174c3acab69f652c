/** The `replay` and `record` commands. */
import {
  chmodSync,
  closeSync,
  fstatSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ConfigError } from '../../src/config/read-config.ts';
import { RECORD_HELP, record } from '../../src/inspect/record-command.ts';
import { REPLAY_HELP, replay } from '../../src/inspect/replay-command.ts';
import { UNSEEN } from '../support/unseen.ts';
import { shortStory } from './recorded-relay.ts';

type Command = (args: readonly string[]) => Promise<number>;

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let dir: string;
let file: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'recording-'));
  file = join(dir, 'story.ndjson');
});
afterAll(() => rmSync(dir, { recursive: true }));
beforeEach(() => writeFileSync(file, shortStory().text()));
afterEach(() => {
  vi.restoreAllMocks();
});

/** Runs a command as main.ts does: a ConfigError becomes one line on stderr and exit 2. */
const run = async (command: Command, ...args: string[]): Promise<Outcome> => {
  const out = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      out[stream] += String(text);
      return true;
    });
  }
  try {
    const code = await command(args);
    return { code, ...out };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { code: 2, stdout: out.stdout, stderr: `${error.message}\n` };
  } finally {
    vi.restoreAllMocks();
  }
};

describe('replay', () => {
  test('prints each server-id with its events in columns and exits 0', async () => {
    const { code, stdout, stderr } = await run(replay, file);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [title, ...rest] = stdout.split('\n');
    expect(title).toMatch(/^recorded \d{4}-\S+Z by pyrycode-relay \S+$/);
    expect(rest.join('\n')).toBe(`
S1
                                                       unclaimed
   1  00:00:00.000  binary.claimed B1                  claimed.held.live, binary B1
   2  00:00:01.000  phone.registered P1                claimed.held.live, binary B1, phones P1
   3  00:00:01.000  phone.registered P2                claimed.held.live, binary B1, phones P1
   4  00:00:01.000  phone.left P1                      claimed.held.live, binary B1
   5  00:00:01.000  phone.ended P1 with 4401 under B1  claimed.held.live, binary B1
   6  00:00:01.000  binary.left B1                     claimed.grace, last binary B1
   7  00:00:31.000  gracePeriod is over                released, last binary B1
   8  00:00:31.000  new server actor                   unclaimed
   9  00:00:31.000  binary.claimed B2                  claimed.held.live, binary B2
  10  00:00:31.000  drain                              released, last binary B2

S2
                                      unclaimed
  1  00:00:31.000  binary.claimed B3  claimed.held.live, binary B3
  2  00:00:31.000  drain              released, last binary B3

every state is as recorded
`);
  });

  test('--server prints only that server-id', async () => {
    const { code, stdout } = await run(replay, file, '--server', 'S2');
    expect(code).toBe(0);
    expect(stdout).toContain('\nS2\n');
    expect(stdout).not.toContain('S1');
  });

  test('--json prints one object per step', async () => {
    const { code, stdout } = await run(replay, file, '--json', '--server', 'S2');
    expect(code).toBe(0);
    const steps = stdout
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    const after = { status: 'active', binaryId: 'B3', phones: [], claimants: [] };
    const claimed = { type: 'binary.claimed', connId: 'B3' };
    const close = { closeCode: 1001, reason: 'shutting down' };
    const shutdown = { type: 'close', close, cause: 'shutdown', flush: true, isNoticeOwed: false };
    expect(steps).toStrictEqual([
      {
        ...{ serverId: 'S2', index: 1, line: 14, t: 31_000, event: claimed },
        told: [{ connIds: ['B3'], event: { type: 'admit', binaryId: 'B3', admission: 'claim' } }],
        ...{ after: { ...after, state: 'claimed.held.live' }, diverges: false },
      },
      {
        ...{ serverId: 'S2', index: 2, line: 15, t: 31_000, event: { type: 'drain' } },
        told: [{ connIds: ['B3'], event: shutdown }],
        ...{ after: { ...after, state: 'released', status: 'done' }, diverges: false },
      },
    ]);
  });

  test('marks a divergence, names it at the end and exits 1', async () => {
    const text = readFileSync(file, 'utf8').replace('"maxPhones":1', '"maxPhones":2');
    writeFileSync(file, text);
    const { code, stdout } = await run(replay, file);
    expect(code).toBe(1);
    expect(stdout).toContain('\n ≠ 3  00:00:01.000  phone.registered P2 ');
    expect(stdout).toContain(
      '\nS1 diverges at event 3 (line 5): recorded claimed.held.live, binary B1, phones P1; ' +
        'replayed claimed.held.live, binary B1, phones P1 P2\n',
    );
    expect(stdout).not.toContain('as recorded');
    const json = await run(replay, file, '--json');
    expect(json.code).toBe(1);
    expect(json.stdout).toContain('"diverges":true,"recorded":{"state":"claimed.held.live"');
  });

  test('escapes the ids of the file', async () => {
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('"S1"', '"\\u001b[2J\\u009b\\u202e"'));
    const { stdout } = await run(replay, file);
    expect(stdout).toContain('\n\\u001b[2J\\u009b\\u202e\n');
    expect(stdout).not.toMatch(UNSEEN);
    const json = await run(replay, file, '--json');
    expect(json.stdout).toContain('"serverId":"\\u001b[2J\\u009b\\u202e"');
    expect(json.stdout).not.toMatch(UNSEEN);
  });

  test('escapes what it quotes of a file that is no recording', async () => {
    writeFileSync(file, readFileSync(file, 'utf8').replace('{"server":', '{"\u202e\u0085":1,"server":'));
    const { code, stderr } = await run(replay, file);
    expect(code).toBe(2);
    expect(stderr).toContain('line 2: Unrecognized key: "\\u202e\\u0085"');
    expect(stderr).not.toMatch(UNSEEN);
  });

  test.each<[string, string[], RegExp]>([
    ['no file', [], /^replay takes one file/],
    ['two files', ['a', 'b'], /^replay takes one file/],
    ['a file that is not there', ['/nowhere/at/all'], /^\/nowhere\/at\/all: no such file \(ENOENT\)$/],
    ['a directory', ['/tmp'], /^\/tmp: not a file$/],
    ['no recording', [import.meta.filename], /replay-command\.test\.ts: line 1: not JSON/],
    ['an unknown flag', ['--frobnicate'], /^unknown flag "--frobnicate"; see --help$/],
    ['a short flag of the daemon', ['x', '-v'], /^unknown flag "-v"; see --help$/],
    ['an unknown flag that steers', ['--\u009b2J\u202e'], /^unknown flag "--\\u009b2J\\u202e"; see --help$/],
    ['a flag without its value', ['x', '--server'], /^--server needs a value; see --help$/],
    ['a flag with an empty value', ['x', '--server='], /^--server needs a value; see --help$/],
    [
      'a flag before another',
      ['x', '--server', '--json'],
      /^--server needs a value; .* --server=VALUE; see --help$/,
    ],
    ['a switch with a value', ['x', '--json=yes'], /^--json takes no value; see --help$/],
    ['a flag twice', ['x', '--server', 'a', '--server', 'b'], /^--server is given twice; see --help$/],
    ['a switch twice', ['x', '--json', '--json'], /^--json is given twice; see --help$/],
  ])('%s: exit 2 and one line', async (_name, args, says) => {
    const { code, stdout, stderr } = await run(replay, ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trimEnd()).toMatch(says);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('exits 2 for a server-id that the recording does not have', async () => {
    const { code, stderr } = await run(replay, file, '--json', '--server', 'S3');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: '--server: the recording has no such server-id; it has 2 others\n',
    });
  });

  test('--help of both commands exits 0', async () => {
    expect(await run(replay, '--help')).toEqual({ code: 0, stdout: REPLAY_HELP, stderr: '' });
    expect(await run(record, '-h')).toEqual({ code: 0, stdout: RECORD_HELP, stderr: '' });
  });
});

test('a recording replays as an editor of Windows saves it', async () => {
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, `\u{feff}${text.replaceAll('\n', '\r\n')}\r\n\n`);
  const { code, stderr } = await run(replay, file);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

describe('record', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });

  const serve = async (answer: RequestListener): Promise<string> => {
    const started = createServer(answer);
    server = started;
    await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
    const { port } = started.address() as AddressInfo; // It listens on TCP, so its address is not a path.
    return `http://127.0.0.1:${port}`;
  };

  test('writes a file that replays without a divergence', async () => {
    const asked: (string | undefined)[] = [];
    const story = shortStory();
    const url = await serve((request, response) => {
      asked.push(request.url);
      response.end(story.text(request.url?.includes('keep-ids')));
    });
    const out = join(dir, 'out.ndjson');
    expect(await run(record, '--inspect', url, '--out', out)).toEqual({
      code: 0,
      stdout: `${out}: 2 server-ids, 12 records\n`,
      stderr: '',
    });
    expect(readFileSync(out, 'utf8')).not.toContain('alpha');
    expect(statSync(out).mode & 0o777).toBe(0o600);
    expect((await run(replay, out)).code).toBe(0);
    expect((await run(record, '--inspect', `${url}/`, '--out', out, '--keep-ids')).code).toBe(0);
    expect((await run(replay, out, '--server', 'alpha')).code).toBe(0);
    expect(asked).toEqual(['/recording', '/recording?keep-ids=1']);
  });

  test('replaces what is there in one step: no mode, no link and no half of it is inherited', async () => {
    const url = await serve((_, response) => response.end(shortStory().text()));
    const out = join(dir, 'shared.ndjson');
    const link = join(dir, 'link.ndjson');
    writeFileSync(out, 'x'.repeat(1_000_000));
    chmodSync(out, 0o666);
    symlinkSync(out, link);
    const old = openSync(out, 'r');
    expect((await run(record, '--inspect', url, '--out', link)).code).toBe(0);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect((await run(replay, link)).code).toBe(0);
    // Who has the old file open sees the old file, whole.
    expect(fstatSync(old).size).toBe(1_000_000);
    closeSync(old);
    expect(readdirSync(dir).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('writes to what is no file, and leaves it what it is', async () => {
    const url = await serve((_, response) => response.end(shortStory().text()));
    expect((await run(record, '--inspect', url, '--out', '/dev/null')).code).toBe(0);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  test.each<[string, RequestListener, RegExp]>([
    ['no recording', (_, response) => response.end('<html>'), /line 1: not JSON/],
    ['a refusal', (_, response) => response.writeHead(403).end(), /it answers 403/],
    ['another address', (_, response) => response.writeHead(302, { Location: '/' }).end(), /it answers 302/],
    ['half an answer', (_, response) => response.writeHead(200).write('{', () => response.destroy()), /./],
    [
      'too much',
      (_, response) => response.end(shortStory().text() + `${' '.repeat(60_000)}\n`.repeat(1_200)),
      /longer than 67108864 bytes/,
    ],
    ['a line without end', (_, response) => response.end('x'.repeat(100_000)), /line 1: longer than 65536/],
  ])('%s: exit 1, one line and no file', async (_name, answer, says) => {
    const url = await serve(answer);
    const out = join(dir, 'none.ndjson');
    const { code, stdout, stderr } = await run(record, '--inspect', url, '--out', out);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(says);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(statSync(out, { throwIfNoEntry: false })).toBeUndefined();
  });

  describe('of a slow relay', () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
    afterEach(() => void vi.useRealTimers());

    const bytesWritten = (): number =>
      readdirSync(dir)
        .filter((name) => name.startsWith('.slow'))
        .reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);

    test('takes as long as something comes every 10 s', async () => {
      const lines = shortStory()
        .text()
        .split(/(?<=\n)/);
      const sendSlowly = async (response: ServerResponse): Promise<void> => {
        let sent = 0;
        for (const line of lines) {
          vi.advanceTimersByTime(9_000);
          response.write(line);
          sent += line.length;
          while (bytesWritten() < sent) await nextTurn();
        }
        response.end();
      };
      const url = await serve((_, response) => void sendSlowly(response));
      const out = join(dir, 'slow.ndjson');
      expect(await run(record, '--inspect', url, '--out', out)).toMatchObject({ code: 0, stderr: '' });
      expect(lines.length).toBeGreaterThan(2);
    });

    test.each<[string, RequestListener]>([
      ['answers nothing', () => {}],
      ['stops in the middle', (_, response) => void response.write(shortStory().text().slice(0, 300))],
    ])('exits 1 if it %s', async (_name, answer) => {
      const url = await serve(answer);
      const out = join(dir, 'slow-stopped.ndjson');
      const outcome = run(record, '--inspect', url, '--out', out);
      const isOver = vi.fn();
      void outcome.then(isOver);
      while (isOver.mock.calls.length === 0) {
        vi.advanceTimersByTime(100);
        await nextTurn();
      }
      expect(await outcome).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/: nothing comes for 10 s\n$/),
      });
      expect(statSync(out, { throwIfNoEntry: false })).toBeUndefined();
    });
  });

  test('exits 1 with one line if nothing answers or the file cannot be written', async () => {
    const url = await serve((_, response) => {
      response.setHeader('Connection', 'close').end(shortStory().text());
    });
    const unwritable = await run(record, '--inspect', url, '--out', join(dir, 'no', 'such', 'place'));
    expect(unwritable).toMatchObject({ code: 1, stdout: '' });
    expect(unwritable.stderr).toMatch(/^pyrycode-relay: .*ENOENT.*\n$/);
    server?.close();
    const other = await serve(() => {});
    await new Promise((resolve) => server?.close(resolve));
    const silent = await run(record, '--inspect', other, '--out', file);
    expect(silent).toMatchObject({ code: 1, stdout: '' });
    expect(silent.stderr).toMatch(/^pyrycode-relay: .*ECONNREFUSED.*\n$/);
  });

  test.each([
    'https://127.0.0.1:9091',
    'ws://127.0.0.1:9091',
    'http://192.0.2.1:9091',
    'http://127.0.0.1.example.org',
    'http://localhost.example.org:9091',
    'http://user:secret@127.0.0.1:9091',
    'http://127.0.0.1:9091/recording',
    'http://127.0.0.1:9091/?keep-ids=1',
    '127.0.0.1:9091',
    'nonsense',
  ])('--inspect %s: exit 2 and one line', async (url) => {
    const { code, stdout, stderr } = await run(record, '--inspect', url, '--out', file);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      '--inspect takes an http:// address of this machine, such as http://127.0.0.1:9091\n',
    );
  });

  test.each<[string[], RegExp]>([
    [[], /^record takes --inspect URL and --out FILE/],
    [['--inspect', 'http://127.0.0.1:1'], /^record takes --inspect URL and --out FILE/],
    [['--out', 'x'], /^record takes --inspect URL and --out FILE/],
    [['--inspect', 'http://127.0.0.1:1', '--out', ''], /^--out needs a value; see --help/],
    [['--inspect', 'http://127.0.0.1:1', '--out', 'x', 'y'], /^record takes .* no argument; see --help/],
    [['--keep-ids=yes'], /--keep-ids.*; see --help$/],
  ])('%j: exit 2 and one line', async (args, says) => {
    const { code, stderr } = await run(record, ...args);
    expect(code).toBe(2);
    expect(stderr.trimEnd()).toMatch(says);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

/** Large recordings: the shipped commands read them in a stream, in bounded memory, and name each limit. */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  MAX_PAGE_BYTES,
  MAX_PAGE_STEPS_PER_SERVER_ID,
  MAX_RECORDING_BYTES,
  MAX_RECORDING_LINE_BYTES,
  MAX_RECORDING_RECORDS,
  MAX_RECORDING_SERVER_IDS,
} from '../../src/inspect/recorder-limits.ts';
import { type Exit, runMain } from '../support/relay-process.ts';
import { CONFIG } from './recorded-relay.ts';

const TIMEOUT_MS = 120_000;
const HEAP_MIB = 48;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'large-recording-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs `replay` in a process whose heap is far smaller than the file. */
const replay = async (...args: string[]): Promise<Exit> =>
  await runMain(['replay', ...args], { NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}` }, TIMEOUT_MS);

const header = (servers: number, records: number): string =>
  JSON.stringify({
    format: 'pyrycode-relay-recording',
    version: 2,
    relay: '0.1.0',
    recordedAt: '2026-01-01T00:00:00.000Z',
    config: { ...CONFIG, maxPhones: 1_000 },
    servers,
    records,
  });

const EMPTY = { state: 'unclaimed', status: 'active', binaryId: null, phones: [], claimants: [] };
const HELD = { ...EMPTY, state: 'claimed.held.live', binaryId: 'B1' };
const serverLine = (server: string, before: object = HELD): string => JSON.stringify({ server, before });
const recordLine = (event: object, phones: readonly string[], server = 'S1'): string =>
  JSON.stringify({ t: 1_000, server, event, after: { ...HELD, phones } });

const ARRIVES = recordLine({ type: 'phone.registered', connId: 'P1' }, ['P1']);
const LEAVES = recordLine({ type: 'phone.left', connId: 'P1' }, []);

const write = (name: string, lines: Iterable<string>): string => {
  const file = join(folder, name);
  const fd = openSync(file, 'w');
  let piece = '';
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length < 1_000_000) continue;
    writeSync(fd, piece);
    piece = '';
  }
  writeSync(fd, piece);
  closeSync(fd);
  return file;
};

/** Phones that arrive and leave, all of one server-id. */
function* oneServerId(records: number): Generator<string, void> {
  yield header(1, records);
  yield serverLine('S1');
  for (let n = 0; n < records; n += 2) {
    yield ARRIVES;
    yield LEAVES;
  }
}

describe('150,000 records of one server-id', () => {
  let file: string;
  beforeAll(() => {
    file = write('one.ndjson', oneServerId(150_000));
  });

  test(
    'replay in a small heap',
    async () => {
      const { code, stdout, stderr } = await replay(file);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const lines = stdout.trimEnd().split('\n');
      expect(lines).toHaveLength(150_000 + 6);
      expect(lines.at(-3)).toMatch(/^150000 {2}00:00:01\.000 {2}phone\.left P1/);
      expect(lines.at(-1)).toBe('every state is as recorded');
    },
    TIMEOUT_MS,
  );

  test(
    'are too many for a page',
    async () => {
      const { code, stderr } = await replay(file, '--serve');
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr:
          `pyrycode-relay: --serve shows at most ${MAX_PAGE_STEPS_PER_SERVER_ID} events of a server-id, and ` +
          `there are more (line ${MAX_PAGE_STEPS_PER_SERVER_ID + 3}); without --serve they are printed\n`,
      });
    },
    TIMEOUT_MS,
  );
});

test(
  'a large recording that diverges: exit 1, and the end names the first event that does',
  async () => {
    const lines = [...oneServerId(20_000)];
    lines[10_001] = (lines[10_001] ?? '').replace('claimed.held.live', 'claimed.grace');
    const { code, stdout } = await replay(write('diverges.ndjson', lines));
    expect(code).toBe(1);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^S1 diverges at event 10000 \(line 10002\): /);
  },
  TIMEOUT_MS,
);

describe('exit 2 and one line for', () => {
  const refused = async (file: string): Promise<string> => {
    const { code, stdout, stderr } = await replay(file);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    return stderr.replace(`pyrycode-relay: ${file}: `, '');
  };

  test(
    'too many records',
    async () => {
      // Short lines: else the file would be too large first.
      const after =
        '"after":{"state":"unclaimed","status":"active","binaryId":null,"phones":[],"claimants":[]}';
      const line = `{"t":1,"server":"S","event":{"type":"drain"},${after}}`;
      const file = write(
        'records.ndjson',
        (function* () {
          yield header(1, 1);
          yield serverLine('S', EMPTY);
          for (let n = 0; n <= MAX_RECORDING_RECORDS; n++) yield line;
        })(),
      );
      expect(await refused(file)).toBe(
        `line ${MAX_RECORDING_RECORDS + 3}: more than ${MAX_RECORDING_RECORDS} records, which no recording has\n`,
      );
    },
    TIMEOUT_MS,
  );

  test(
    'too many server-ids',
    async () => {
      const ids = Array.from({ length: MAX_RECORDING_SERVER_IDS + 1 }, (_, n) => serverLine(`S${n}`));
      expect(await refused(write('servers.ndjson', [header(ids.length, 0), ...ids]))).toBe(
        `line ${ids.length + 1}: more than ${MAX_RECORDING_SERVER_IDS} server-ids, which no recording has\n`,
      );
    },
    TIMEOUT_MS,
  );

  test('a line too long, however much of it there is', async () => {
    expect(await refused(write('line.ndjson', [header(1, 1), 'x'.repeat(50_000_000)]))).toBe(
      `line 2: longer than ${MAX_RECORDING_LINE_BYTES} bytes\n`,
    );
  });

  test('a file too large', async () => {
    expect(await refused(write('bytes.ndjson', ['x'.repeat(MAX_RECORDING_BYTES)]))).toBe(
      `longer than ${MAX_RECORDING_BYTES} bytes, which no recording is\n`,
    );
  });

  test('a last line that is cut, and nothing is printed before', async () => {
    const lines = [header(1, 2), serverLine('S1'), ARRIVES, LEAVES.slice(0, -9)];
    expect(await refused(write('cut.ndjson', lines))).toBe('line 4: not JSON; was the file cut off?\n');
  });

  test(
    'a page too large',
    async () => {
      const phones = Array.from({ length: 1_000 }, (_, n) => `P${n}`);
      const full = { ...HELD, phones };
      const drained = { ...full, state: 'released', status: 'done', phones: [] };
      const again = JSON.stringify({ t: 1, server: 'S', event: { type: 'xstate.init' }, after: full });
      const drain = JSON.stringify({ t: 1, server: 'S', event: { type: 'drain' }, after: drained });
      const lines = Array.from({ length: 200 }, (_, n) =>
        [serverLine('S', full), again, drain, again, drain].join('\n').replaceAll('"S"', `"S${n}"`),
      );
      const file = write('page.ndjson', [header(200, 800), ...lines]);
      const { code, stderr } = await runMain(['replay', file, '--serve'], {}, TIMEOUT_MS);
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr:
          `pyrycode-relay: --serve shows at most ${MAX_PAGE_BYTES} bytes of steps, and this recording has more: ` +
          'choose a server-id with --server, or print it without --serve\n',
      });
    },
    TIMEOUT_MS,
  );
});

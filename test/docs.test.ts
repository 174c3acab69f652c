/** What docs/ says is what there is. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { measuredPart } from '../bench/report/markdown.js';
import { reliabilityTable } from '../scripts/reliability-table.js';
import { settingsTable } from '../src/config/settings-table.ts';
import { Census } from '../src/observe/census.ts';
import { logEvents } from '../src/observe/log-events.ts';
import { createMetering } from '../src/observe/metering.ts';
import * as closes from '../src/protocol/close-codes.ts';
import * as limits from '../src/protocol/limits.ts';
import * as requests from '../src/protocol/request-limits.ts';
import { ROUTING_HEADERS } from '../src/protocol/routing-headers.ts';

const none = (): number => 0;
const NOBODY = { connections: { binary: 0, phone: 0 }, maxConnections: 1, rateBuckets: 0, unfinished: 0 };
const NO_LOSSES = { dropped: none, refusalsWithheld: none, leftOut: none };

const doc = (name: string): string => readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8');

const tableRows = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

test('configuration.md has the table of settings as they are', () => {
  expect(doc('configuration.md')).toContain(settingsTable());
});

test('logs.md lists every event with its level, keys and bound, and no other', () => {
  const listed = tableRows(doc('logs.md')).map(([event = '', level, keys = '', bound]) => [
    event.replaceAll('`', ''),
    { level, keys: keys === '' ? [] : keys.split(', '), bound },
  ]);
  expect(Object.fromEntries(listed)).toEqual(logEvents);
});

test('metrics.md lists every metric with its type and labels, and no other', async () => {
  const { metrics, end } = createMetering({
    census: new Census(),
    logLosses: NO_LOSSES,
    held: new Map(),
    certificateExpiresAtMs: () => undefined,
    use: () => NOBODY,
    memory: {
      backlogBytes: none,
      backlogLimitBytes: none,
      queueMemoryBytes: none,
      queueTakenBytes: none,
      residentBytes: none,
      watermarkBytes: none,
      serverIds: none,
    },
    readiness: {
      phase: () => 'serving',
      isAboveWatermark: () => false,
      descriptors: () => ({ open: 0, limit: 1 }),
    },
    receivedBytes: () => ({ binary: 0, phone: 0 }),
    actors: () => ({ relay: [], server: [], connection: [], push: [], wake: [] }),
    deadTokens: none,
    unreadReloads: none,
  });
  const exposition = await metrics.scrape();
  end();
  const types = [...exposition.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]);
  // The other tables of the page are narrower.
  const listed = tableRows(doc('metrics.md')).filter(({ length }) => length === 4);
  expect(Object.fromEntries(listed.map(([name = '', type]) => [name.replaceAll('`', ''), type]))).toEqual(
    Object.fromEntries(types),
  );
  for (const [name = '', , labels = ''] of listed) {
    const bare = name.replaceAll('`', '');
    const cell =
      exposition.split('\n').find((line) => line.replace('_count{', '{').startsWith(`${bare}{`)) ?? '';
    const found = [...cell.matchAll(/(\w+)="/g)].map(([, label]) => label);
    expect([bare, found.join(', ')]).toEqual([bare, labels]);
  }
});

test('performance.md has the figures as they were measured last', () => {
  expect(doc('performance.md')).toContain(measuredPart());
});

test('reliability.md has the recorded runs', () => {
  expect(doc('reliability.md')).toContain(reliabilityTable());
});

/** What `docs/wire.md` must name: every close of our own, and every limit that a peer can meet. */
test('wire.md names every close code and reason, every routing header, and the limits as they are', () => {
  const wire = doc('wire.md');
  for (const [name, close] of Object.entries(closes)) {
    if (typeof close !== 'object') continue;
    const said = close.reason === '' ? String(close.closeCode) : `${close.closeCode} \`${close.reason}\``;
    expect([name, wire.includes(said)]).toEqual([name, true]);
  }
  for (const header of ROUTING_HEADERS) expect(wire).toContain(`\`${header}\``);
  const kib = (bytes: number): string =>
    bytes < 1024 ** 2 ? `${bytes / 1024} KiB` : `${bytes / 1024 ** 2} MiB`;
  const figures = [
    `at most ${limits.DEFAULT_MAX_FRAME_BYTES.toLocaleString('en')} bytes`,
    `| ${limits.DEFAULT_MAX_PHONES} (\`--max-phones\`)`,
    `| ${kib(limits.DEFAULT_PHONE_BACKLOG_BYTES)} (\`--phone-backlog-bytes\`)`,
    `charged ${limits.FRAME_OVERHEAD_BYTES} bytes more`,
    `above ${kib(limits.BINARY_QUEUE_HIGH_BYTES)} its phones`,
    `below ${kib(limits.BINARY_QUEUE_LOW_BYTES)}; ${kib(limits.BINARY_QUEUE_MAX_BYTES)}`,
    `| ${limits.MAX_CLAIMANTS} | 4409`,
    `${requests.MAX_SERVER_ID_BYTES}, ${requests.MAX_VERSION_BYTES}, ${requests.MAX_DEVICE_NAME_BYTES} bytes`,
    `${kib(requests.MAX_HEAD_BYTES)}, ${requests.HEAD_TIMEOUT_MS / 1000} s`,
    `at most ${limits.MAX_ENVELOPE_MEMBERS} members`,
    `deeper than ${limits.MAX_JSON_DEPTH.toLocaleString('en')}`,
    `more than ${limits.MAX_MESSAGE_FRAGMENTS.toLocaleString('en')} fragments`,
    `while ${limits.MAX_PENDING_PONGS} pongs wait`,
    `at most ${limits.FLUSH_TIMEOUT_MS / 60_000} minutes`,
    `waits ${limits.CLOSE_WRITE_TIMEOUT_MS / 1000} s until it is written`,
    `and ${limits.CLOSE_ANSWER_TIMEOUT_MS / 1000} s for the answer`,
    `messages above ${kib(limits.WRITE_CHUNK_BYTES)}`,
  ];
  const flat = wire.replaceAll('\n', ' ');
  for (const figure of figures) expect(flat).toContain(figure);
});

/** Recording files: what a recorder writes, and how files from elsewhere are read. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ConfigError } from '../../src/config/read-config.ts';
import { FlightRecorder } from '../../src/inspect/recorder.ts';
import { eventSchema } from '../../src/inspect/recording-format.ts';
import { writeRecording } from '../../src/inspect/write-recording.ts';
import { serverMachine } from '../../src/machines/server-machine.ts';
import { VERSION } from '../../src/version.ts';
import { readRecording } from './read-text.ts';
import { CONFIG, RecordedRelay, shortStory, steps, take } from './recorded-relay.ts';

// Outside production, XState warns about each event sent to an actor that has ended.
beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const objects = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));

describe('a written recording', () => {
  test('has a header, then for each server-id its first state and its records', () => {
    const [header, alpha, claimed, , refused] = objects(shortStory().text());
    expect(header).toStrictEqual({
      format: 'pyrycode-relay-recording',
      version: 2,
      relay: VERSION,
      recordedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
      config: { ...CONFIG, maxPhones: 1 },
      servers: 2,
      records: 12,
    });
    const before = { state: 'unclaimed', status: 'active', binaryId: null, phones: [], claimants: [] };
    expect(alpha).toStrictEqual({ server: 'S1', before });
    const held = { ...before, state: 'claimed.held.live', binaryId: 'B1' };
    expect(claimed).toStrictEqual({
      t: 0,
      server: 'S1',
      event: { type: 'binary.claimed', connId: 'B1' },
      after: held,
    });
    expect(refused).toStrictEqual({
      t: 1_000,
      server: 'S1',
      event: { type: 'phone.registered', connId: 'P2' },
      after: { ...held, phones: ['P1'] },
    });
  });

  test('has the close code and the binary of a phone that ended', () => {
    const { servers } = shortStory().recording();
    expect(servers[0]?.records[4]?.event).toStrictEqual({
      type: 'phone.ended',
      connId: 'P1',
      binaryId: 'B1',
      closeCode: 4401,
    });
  });

  test('has the original ids with --keep-ids', () => {
    const { servers } = shortStory().recording(true);
    expect(servers.map(({ serverId }) => serverId)).toStrictEqual(['alpha', 'beta']);
    expect(servers[0]?.records[1]?.after).toMatchObject({ binaryId: 'holder', phones: ['phone'] });
  });

  test('has no original id without --keep-ids, after any events', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const relay = new RecordedRelay();
        for (const next of all) take(relay, next);
        // Every id of these relays contains this text, and nothing else does.
        expect(relay.text()).not.toContain('-id-');
        const kept = relay.recording(true);
        const named = relay.recording();
        expect(named.servers.map(({ records }) => records.length)).toStrictEqual(
          kept.servers.map(({ records }) => records.length),
        );
      }),
      { numRuns: 50 },
    );
  });

  test('has no server-ids for an empty recorder, and shows the contents at the time of the call', () => {
    const recorder = new FlightRecorder(CONFIG);
    expect(
      readRecording([...writeRecording(recorder, { keepIds: false }).lines].join('')).servers,
    ).toStrictEqual([]);
    const relay = new RecordedRelay();
    relay.dial('binary', 's', 'b');
    const { lines } = writeRecording(relay.recorder, { keepIds: false });
    relay.drain();
    expect([...lines]).toHaveLength(3);
  });

  test('every event of the chart and no other can be read back', () => {
    const ids = { connId: 'c', binaryId: 'b', closeCode: 1000, isTooLong: false };
    for (const type of [...serverMachine.events, 'xstate.init', 'xstate.stop']) {
      const extra = eventSchema.safeParse({ type, ...ids }).error?.issues[0];
      const unused: readonly string[] = extra?.code === 'unrecognized_keys' ? extra.keys : [];
      const own = Object.fromEntries(Object.entries(ids).filter(([key]) => !unused.includes(key)));
      expect(eventSchema.safeParse({ type, ...own }).error, type).toBeUndefined();
    }
    for (const type of ['binary.known', '*', 'xstate.error.actor.x', 'xstate.after.1.server', '__proto__']) {
      expect(eventSchema.safeParse({ type }).success).toBe(false);
    }
  });
});

const good = shortStory().text();
const lines = good.trimEnd().split('\n');
const withLine = (line: number, text: string): string =>
  [...lines.slice(0, line - 1), text, ...lines.slice(line)].join('\n');
const changed = (line: number, change: object): string =>
  withLine(line, JSON.stringify({ ...(JSON.parse(lines[line - 1] ?? '') as object), ...change }));

const complaint = (text: string): string => {
  try {
    readRecording(text);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error instanceof Error ? error.message : '';
  }
  return 'no error';
};

describe('reading', () => {
  const after = { state: 'unclaimed', status: 'active', binaryId: null, phones: [], claimants: [] };

  test.each<[string, string, RegExp]>([
    ['nothing', '', /^line 1: nothing there$/],
    ['not JSON', 'PNG\n', /^line 1: not JSON/],
    ['another format', changed(1, { format: 'har' }), /^line 1: format: .*pyrycode-relay-recording/],
    [
      'an earlier version',
      changed(1, { version: 1, relay: '0.0.9', servers: 'of those days' }),
      /^line 1: a recording in format 1, .* reads format 2 only: .* that wrote it, version 0\.0\.9$/,
    ],
    [
      'a later version',
      changed(1, { version: 3, news: true }),
      /^line 1: a recording in format 3, and this relay reads format 2 only: /,
    ],
    ['no version', changed(1, { version: null }), /^line 1: version: /],
    ['no header', lines.slice(1).join('\n'), /^line 1: format: /],
    ['cut in a line', good.slice(0, -40), /^line 15: not JSON; was the file cut off\?$/],
    [
      'cut between lines',
      lines.slice(0, 7).join('\n'),
      /^line 7: ends with 1 server-ids and 5 records where 2/,
    ],
    ['an empty line', withLine(4, ''), /^line 4: empty, which only lines at the end may be$/],
    ['only line ends', '\n'.repeat(10_000_000), /^line 1: nothing there$/],
    ['null', withLine(4, 'null'), /^line 4: /],
    ['a list', withLine(4, '[]'), /^line 4: /],
    ['a time that is text', changed(4, { t: '1' }), /^line 4: t: /],
    ['a time beyond all dates', changed(4, { t: 9e15 }), /^line 4: t: /],
    ['an infinite time', withLine(4, (lines[3] ?? '').replace('1000', '1e999')), /^line 4: t: /],
    ['an unknown event', changed(4, { event: { type: 'xstate.stop.all' } }), /^line 4: event.type: /],
    [
      'an event without its id',
      changed(4, { event: { type: 'phone.registered' } }),
      /^line 4: event.connId: /,
    ],
    ['an unknown state', changed(4, { after: { ...after, state: 'claimed' } }), /^line 4: after.state: /],
    [
      'a state of the prototype',
      changed(4, { after: { ...after, state: 'toString' } }),
      /^line 4: after.state: /,
    ],
    ['an id that is none', changed(4, { after: { ...after, phones: [7] } }), /^line 4: after.phones\[0\]: /],
    ['an id too long', changed(4, { server: 'x'.repeat(129) }), /^line 4: server: /],
    [
      'too many ids',
      changed(4, { after: { ...after, phones: Array(1_001).fill('p') } }),
      /^line 4: after.phones: /,
    ],
    ['one key too many', changed(4, { token: 'x' }), /^line 4: Unrecognized key: "token"$/],
    [
      'a key that breaks lines',
      changed(4, { 'a\n\u001b[2J\u2028b': 1 }),
      /^line 4: Unrecognized key: "a.+b"$/u,
    ],
    ['a key without end', changed(4, { ['x'.repeat(60_000)]: 1 }), /^line 4: Unrecognized key: "x+…$/],
    ['a record of another server-id', changed(4, { server: 'S2' }), /^line 4: server-id S2 is not the one/],
    [
      'a record of __proto__',
      changed(4, { server: '__proto__' }),
      /^line 4: server-id __proto__ is not the one/,
    ],
    ['a server-id twice', changed(13, { server: 'S1' }), /^line 13: server-id S1 was here before$/],
    ['a line too long', withLine(4, `"${'x'.repeat(65_536)}"`), /^line 4: longer than 65536 bytes$/],
    ['a line too long in bytes', withLine(4, `"${'ä'.repeat(33_000)}"`), /^line 4: longer than 65536 bytes$/],
    ['too deep', withLine(4, '['.repeat(32_000) + ']'.repeat(32_000)), /^line 4: /],
    [
      'too deep in an event',
      withLine(4, `{"event":${'{"type":'.repeat(7_000)}1${'}'.repeat(7_001)}`),
      /^line 4: /,
    ],
  ])('refuses %s with one line that says where', (_name, text, says) => {
    const message = complaint(text);
    expect(message).toMatch(says);
    expect(message).toMatch(/^\P{C}{1,240}$/u);
  });

  test.each(['{"__proto__":{"before":1}}', '{"constructor":1,"before":{"__proto__":{}}}'])(
    '%s does not pollute a prototype',
    (text) => {
      expect(complaint(withLine(4, text))).toMatch(/^line 4: /);
      expect(complaint(withLine(1, text))).toMatch(/^line 1: /);
      expect(Object.hasOwn(Object.prototype, 'before')).toBe(false);
    },
  );

  test('refuses or ignores an extra key named __proto__', () => {
    const text = withLine(4, (lines[3] ?? '').replace('{"t"', '{"__proto__":{"t":5,"polluted":1},"t"'));
    const message = complaint(text);
    if (message === 'no error') {
      const [first] = readRecording(text).servers;
      expect(Object.getPrototypeOf(first?.records[1])).toBe(Object.prototype);
      expect(first?.records[1]).toStrictEqual(readRecording(good).servers[0]?.records[1]);
    } else expect(message).toMatch(/^line 4: /);
  });

  test('refuses a file that is too large', () => {
    // Empty lines may stand at the end, but not for ever.
    const filler = `${' '.repeat(60_000)}\n`;
    expect(complaint(good + filler.repeat(1_200))).toBe('longer than 67108864 bytes, which no recording is');
  });

  test('accepts any bytes or refuses them with a one-line error', () => {
    const edit = fc.record({ at: fc.nat({ max: good.length }), cut: fc.nat({ max: 9 }), put: fc.string() });
    fc.assert(
      fc.property(edit, ({ at, cut, put }) => {
        expect(complaint(good.slice(0, at) + put + good.slice(at + cut))).toMatch(/^\P{C}{1,300}$/u);
      }),
      { numRuns: 500 },
    );
  });
});

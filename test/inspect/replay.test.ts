/** A recording replays without a divergence, and an altered one diverges. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BEGINNING } from '../../src/inspect/recorded-state.ts';
import { type Recording, readRecording, replayRecording } from './read-text.ts';
import { RecordedRelay, type Step, shortStory, steps, take } from './recorded-relay.ts';

// Outside production, XState warns about each event sent to an actor that has ended.
beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const run = (all: readonly Step[]): RecordedRelay => {
  const relay = new RecordedRelay();
  for (const next of all) take(relay, next);
  return relay;
};

const divergences = (recording: Recording) =>
  [...replayRecording(recording)].filter(({ diverges }) => diverges);

/** The recording with one line changed. */
const tamper = (text: string, line: number, change: (value: Record<string, unknown>) => object): string => {
  const lines = text.split('\n');
  const value = JSON.parse(lines[line - 1] ?? '') as Record<string, unknown>; // Every line is an object.
  lines[line - 1] = JSON.stringify(change(value));
  return lines.join('\n');
};

test('a recording that is written, read and replayed gives the same states', () => {
  fc.assert(
    fc.property(steps, fc.boolean(), (all, keepIds) => {
      const relay = run(all);
      const recording = relay.recording(keepIds);
      expect(divergences(recording)).toStrictEqual([]);
      expect([...replayRecording(recording)]).toHaveLength(relay.recorder.extent.records);
    }),
    { numRuns: 100 },
  );
});

test('the steps name their server-id, event and line', () => {
  const replayed = [...replayRecording(shortStory().recording(true))];
  expect(replayed.map(({ serverId, index, line }) => [serverId, index, line])).toStrictEqual([
    ...Array.from({ length: 10 }, (_, at) => ['alpha', at + 1, at + 3]),
    ['beta', 1, 14],
    ['beta', 2, 15],
  ]);
  expect(replayed[6]?.event.type).toBe('xstate.after.gracePeriod.server.claimed.grace');
  expect(replayed[6]?.replayed).toMatchObject({ state: 'released', status: 'done' });
});

test('an altered state diverges at exactly that event', () => {
  fc.assert(
    fc.property(steps, fc.nat(), (all, pick) => {
      const relay = run(all);
      const given = [...replayRecording(relay.recording())].filter(({ event }) => event.type !== BEGINNING);
      const chosen = given[pick % given.length];
      fc.pre(chosen !== undefined);
      const text = tamper(relay.text(), chosen.line, (value) => ({
        ...value,
        after: { ...chosen.recorded, phones: [...chosen.recorded.phones, 'P999'] },
      }));
      const found = divergences(readRecording(text));
      expect(found.map(({ serverId, index, line }) => [serverId, index, line])).toStrictEqual([
        [chosen.serverId, chosen.index, chosen.line],
      ]);
    }),
    { numRuns: 100 },
  );
});

test('an altered event diverges there first', () => {
  const text = tamper(shortStory().text(), 4, (value) => ({
    ...value,
    event: { type: 'phone.unheard', connId: 'P1' },
  }));
  const [first] = divergences(readRecording(text));
  expect(first).toMatchObject({ serverId: 'S1', index: 2, line: 4 });
  expect([first?.recorded.phones, first?.replayed.phones]).toStrictEqual([['P1'], []]);
});

test('a different cap diverges at the phone it refuses', () => {
  const text = tamper(shortStory().text(), 1, (value) => ({
    ...value,
    config: { maxPhones: 2, graceMs: 30_000, probeTimeoutMs: 10_000 },
  }));
  const [first] = divergences(readRecording(text));
  expect(first).toMatchObject({ index: 3, recorded: { phones: ['P1'] }, replayed: { phones: ['P1', 'P2'] } });
});

test('an ended actor ignores events, and an impossible state does no harm', () => {
  const ended = tamper(shortStory().text(), 2, (value) => ({
    ...value,
    before: { state: 'released', status: 'active', binaryId: null, phones: [], claimants: [] },
  }));
  const [first] = divergences(readRecording(ended));
  expect(first).toMatchObject({ index: 1, replayed: { state: 'released', status: 'done' } });
  const impossible = tamper(shortStory().text(), 2, (value) => ({
    ...value,
    before: { state: 'claimed.held.probing', status: 'active', binaryId: null, phones: [], claimants: [] },
  }));
  expect(divergences(readRecording(impossible))[0]).toMatchObject({ index: 1 });
});

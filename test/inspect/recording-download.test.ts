/** `/recording` beside live traffic: written in slices, no faster than it is read, and not for ever. */
import { type IncomingMessage, request } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RECORDING_DEADLINE_MS, RECORDING_SLICE_BYTES } from '../../src/inspect/inspect-limits.ts';
import { createInspectListener } from '../../src/inspect/inspect-listener.ts';
import { Inspector } from '../../src/inspect/inspector.ts';
import { MAX_STATE_IDS } from '../../src/inspect/recorder-limits.ts';
import { type WrittenRecording, writeRecording } from '../../src/inspect/write-recording.ts';
import { listen, stopListening } from '../../src/transport/listening.ts';
import { readRecording } from './read-text.ts';
import { RecordedRelay } from './recorded-relay.ts';

const relay = new RecordedRelay(MAX_STATE_IDS);
/** Long lines: each shows up to 900 phones. */
const fill = (): void => {
  relay.dial('binary', 'large', 'binary');
  for (let n = 0; n < 900; n++) relay.dial('phone', 'large', `phone-with-a-long-name-${n}`);
  for (let n = 0; n < 100; n++) relay.send('large', { type: 'phone.unheard', connId: 'nobody' });
};
fill();

let written: () => WrittenRecording;
let ended = 0;
let url: string;
let stop: () => Promise<void>;
beforeEach(async () => {
  ended = 0;
  const { root, directory } = relay;
  const counts = { binaries: 0, phones: 0 };
  const nothing = { onChanges: () => {}, timers: { runningOf: () => [] }, past: () => null };
  const hello = { version: '', maxPhones: 0, graceMs: 0 };
  const listener = createInspectListener(
    {
      inspector: new Inspector({ relay: root, directory, counts, ...nothing, hello }),
      files: new Map(),
      recording: () => {
        const { lines, end } = written();
        return {
          lines,
          end: () => {
            ended++;
            end();
          },
        };
      },
    },
    {
      onRefused: () => {},
      contain: (act) => {
        act();
        return true;
      },
    },
  );
  const { port } = await listen(listener, { host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${port}/recording`;
  stop = async () => await stopListening(listener, Promise.resolve());
});
afterEach(async () => {
  vi.useRealTimers();
  await stop();
});

/** A client that reads nothing until it is told to. */
const ask = async (): Promise<IncomingMessage> =>
  await new Promise((resolve, reject) => {
    const sent = request(url, { agent: false }, (response) => {
      response.on('error', () => {});
      resolve(response);
    });
    sent.on('error', reject);
    sent.end();
  });

const textOf = async (response: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return text;
};

/** A recording without end, and how many characters of it have been made. */
const endless = (): { readonly made: () => number } => {
  let chars = 0;
  const line = `${'x'.repeat(1_000)}\n`;
  written = () => ({
    lines: (function* () {
      for (;;) {
        chars += line.length;
        yield line;
      }
    })(),
    end: () => {},
  });
  return { made: () => chars };
};

test('a recording is made in slices, with a turn of the event loop between two', async () => {
  let turn = 0;
  let isCounting = true;
  const countTurns = (): void => {
    turn++;
    if (isCounting) setImmediate(countTurns);
  };
  const charsInTurn = new Map<number, number>();
  let longestLine = 0;
  written = () => {
    const { lines, end } = writeRecording(relay.recorder, { keepIds: true });
    const noted = function* (): Generator<string> {
      for (const line of lines) {
        charsInTurn.set(turn, (charsInTurn.get(turn) ?? 0) + line.length);
        longestLine = Math.max(longestLine, line.length);
        yield line;
      }
    };
    return { lines: noted(), end };
  };
  countTurns();
  const text = await textOf(await ask());
  isCounting = false;
  expect(text.length).toBeGreaterThan(50 * RECORDING_SLICE_BYTES);
  expect(readRecording(text).servers).toHaveLength(1);
  const most = [...charsInTurn.values()].reduce((one, other) => Math.max(one, other), 0);
  expect(most).toBeLessThan(RECORDING_SLICE_BYTES + longestLine);
});

test('a client that reads nothing is waited for, then cut, and the next one is served', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { made } = endless();
  const slow = await ask();
  slow.pause();
  // What the kernel takes is made, and no more: after that, many turns pass without a line.
  for (let reading = -1; reading !== made(); ) {
    reading = made();
    for (let turns = 0; turns < 500; turns++) await nextTurn();
  }
  expect((await ask()).statusCode).toBe(503);
  expect(ended).toBe(0);
  const cut = new Promise((resolve) => slow.on('close', resolve));
  vi.advanceTimersByTime(RECORDING_DEADLINE_MS);
  slow.resume();
  await cut;
  expect(slow.complete).toBe(false);
  expect(ended).toBe(1);
  written = () => writeRecording(relay.recorder, { keepIds: false });
  expect(readRecording(await textOf(await ask())).servers).toHaveLength(1);
  expect(ended).toBe(2);
});

test('a client that goes away gives its place to the next', async () => {
  endless();
  const leaving = await ask();
  leaving.destroy();
  written = () => writeRecording(relay.recorder, { keepIds: false });
  let next = await ask();
  // The relay hears of it in a later turn.
  while (next.statusCode === 503) {
    next.resume();
    next = await ask();
  }
  expect(readRecording(await textOf(next)).servers).toHaveLength(1);
  expect(ended).toBe(2);
});

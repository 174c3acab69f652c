/** One line for each fault, and a sign of life where nobody sees a bar. */
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { failureLines } from '../../src/conformance/failure-kinds.ts';
import { Progress } from '../../src/conformance/progress.ts';
import type { Failure } from '../../src/conformance/run-path.ts';
import { IN_ITS_PLACE, IN_THE_END } from '../../src/conformance/target.ts';
import type { WireEvent } from '../../src/conformance/wire-events.ts';

const failure = (problem: string, ...events: WireEvent[]): Failure => ({
  pathId: events.map((event) => event[0]).join(''),
  events,
  problem,
  isLapse: false,
});

const NOTHING = 'at the holder, got nothing';

describe('one line per kind of failure', () => {
  test('a notice that never comes is one fault, shown by a path in which a phone occurs', () => {
    expect(
      failureLines([
        failure(`${IN_THE_END}expected close notice 1000 ${NOTHING}`, 'claim'),
        failure(`${IN_THE_END}expected close notice 1000 ${NOTHING}`, 'claim', 'time passes'),
        failure(`expected close notice 1001 ${NOTHING}`, 'claim', 'register', 'phone drops'),
        failure(`expected close notice 1000 ${NOTHING}`, 'claim', 'register', 'register', 'phone leaves'),
      ]),
    ).toEqual([
      `FAIL claim, register, phone drops → expected close notice 1001 ${NOTHING} (and 3 more like it, also after phone leaves)   --only crp`,
    ]);
  });

  test('a notice that comes late is one fault, however late', () => {
    const late = (code: number, seconds: string): string =>
      `expected close notice ${code} within 1000 ms, got it after ${seconds} s`;
    expect(
      failureLines([
        failure(`${IN_THE_END}${late(1000, '1.2')}`, 'claim'),
        failure(late(1001, '1.5'), 'claim', 'register', 'phone drops'),
        failure(`${IN_ITS_PLACE}${late(1000, '2')}`, 'claim', 'register', 'register', 'dismiss'),
      ]),
    ).toEqual([
      `FAIL claim, register, phone drops → ${late(1001, '1.5')} (and 2 more like it, also after dismiss)   --only crp`,
    ]);
  });

  test('what only the phone of the end shows is said of that phone', () => {
    expect(failureLines([failure(`${IN_THE_END}expected a frame at the phone, got none`, 'claim')])).toEqual([
      'FAIL claim → in the end, of one more phone: expected a frame at the phone, got none   --only c',
    ]);
  });

  test('the same problem after many events names three of them', () => {
    const events: WireEvent[] = ['register', 'claim', 'dismiss', 'time passes', 'holder leaves'];
    const [line, ...rest] = failureLines(events.map((event) => failure('expected 4404, got open', event)));
    expect(rest).toEqual([]);
    expect(line).toContain('(and 4 more like it, also after claim, dismiss, time passes, ...)');
  });

  test('different problems stay apart', () => {
    expect(
      failureLines([
        failure('expected 4401, got open', 'claim'),
        failure('expected 1011, got open', 'claim'),
      ]),
    ).toHaveLength(2);
  });
});

describe('progress', () => {
  afterEach(() => vi.useRealTimers());

  /** @param isTTY as the stream of a process */
  const streamOf = (isTTY: boolean): NodeJS.WriteStream =>
    // A stream that is written to and nothing else.
    Object.assign(new PassThrough(), { isTTY }) as unknown as NodeJS.WriteStream;

  test('to a pipe: a line every ten seconds, until the end', () => {
    vi.useFakeTimers();
    const stream = streamOf(false);
    const progress = new Progress(196, stream);
    progress.advance(false);
    progress.advance(true);
    expect(stream.read()).toBeNull();
    vi.advanceTimersByTime(10_000);
    progress.enter('then timers');
    vi.advanceTimersByTime(10_000);
    progress.end();
    vi.advanceTimersByTime(60_000);
    expect(String(stream.read())).toBe('2/196 paths, 1 failed\n2/196 paths, 1 failed, then timers\n');
  });

  test('on a terminal: a bar, cleared at the end', () => {
    const stream = streamOf(true);
    const progress = new Progress(2, stream);
    progress.advance(false);
    progress.advance(false);
    progress.end();
    const text = String(stream.read());
    expect(text).toContain('2/2 paths, 0 failed');
    expect(text.endsWith('\r\u001b[2K')).toBe(true);
    expect(text).not.toContain('\n');
  });
});

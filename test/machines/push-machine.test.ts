/** The credential of push, and the wakes that wait for it. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  CREDENTIAL_BACKOFF_MS,
  CREDENTIAL_EARLY_MS,
  MAX_CREDENTIAL_BACKOFF_MS,
  MAX_CREDENTIAL_USE_MS,
  MAX_WAKES_IN_FLIGHT,
  MIN_CREDENTIAL_USE_MS,
  PUSH_CALL_TIMEOUT_MS,
} from '../../src/protocol/push-limits.ts';
import {
  BUSY,
  DENIED,
  FAILED,
  PushRun,
  READY,
  REFUSED,
  SENT,
  UNAUTHORIZED,
  UNREGISTERED,
} from '../support/push-chart.ts';

// Outside production, xstate warns about each event that is sent to an actor that has ended.
beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** With a credential, and no wake in flight. */
const ready = (): PushRun => {
  const run = new PushRun();
  run.admit();
  run.fetched(READY);
  run.answer(1, SENT);
  run.said();
  return run;
};

describe('the credential', () => {
  test('is fetched for the first wake, and not before', () => {
    const run = new PushRun();
    expect(run.said()).toStrictEqual([]);
    expect(run.state).toBe('idle');
    expect(run.admit()).toStrictEqual(['fetch 1']);
    expect(run.fetched(READY)).toStrictEqual(['settled 1', 'send 1']);
    expect(run.answer(1, SENT)).toStrictEqual(['ended 1: sent without an id']);
  });

  test('is fetched once for all wakes that wait for it', () => {
    const run = new PushRun();
    expect(run.admit(3)).toStrictEqual(['fetch 1']);
    expect(run.fetched(READY)).toStrictEqual(['settled 1', 'send 1', 'send 2', 'send 3']);
    expect(run.admit()).toStrictEqual(['send 4']);
  });

  test('is fetched anew a minute before it expires, when a wake needs it', () => {
    const run = ready();
    expect(run.advance(3_540_000 - 1)).toStrictEqual([]);
    expect(run.admit()).toStrictEqual(['send 2']);
    expect(run.advance(1)).toStrictEqual([]);
    expect(run.state).toBe('idle');
    expect(run.admit()).toStrictEqual(['fetch 2']);
  });

  test.each([
    ['one that is hardly valid is used for a moment', 1, MIN_CREDENTIAL_USE_MS],
    ['one that is valid for ever is used for a day', 1e15, MAX_CREDENTIAL_USE_MS - CREDENTIAL_EARLY_MS],
  ])('%s', (_, expiresInMs, usedMs) => {
    const run = new PushRun();
    run.admit();
    run.fetched({ kind: 'ready', expiresInMs });
    run.advance(usedMs - 1);
    expect(run.state).toBe('ready');
    run.advance(1);
    expect(run.state).toBe('idle');
  });

  test('that cannot be had ends the wakes that wait, and those that come before the next fetch', () => {
    const run = new PushRun();
    run.admit(2);
    expect(run.fetched(DENIED)).toStrictEqual([
      'settled 1',
      'ended 1: token_fetch_failed, token fetch: status 400',
      'ended 2: token_fetch_failed, token fetch: status 400',
    ]);
    expect(run.admit()).toStrictEqual(['ended 3: token_fetch_failed, token fetch: the last one has failed']);
    expect(run.advance(CREDENTIAL_BACKOFF_MS)).toStrictEqual([]);
    expect(run.admit()).toStrictEqual(['fetch 2']);
  });

  test('is waited for ten seconds; an answer that comes later is ignored', () => {
    const run = new PushRun();
    run.admit();
    expect(run.advance(PUSH_CALL_TIMEOUT_MS - 1)).toStrictEqual([]);
    expect(run.advance(1)).toStrictEqual([
      'settled 1',
      'ended 1: token_fetch_failed, token fetch: timed out',
    ]);
    run.advance(CREDENTIAL_BACKOFF_MS);
    run.admit();
    expect(run.fetched(READY, 1)).toStrictEqual([]);
    expect(run.fetched(DENIED, 1)).toStrictEqual([]);
    expect(run.fetched(READY, 2)).toStrictEqual(['settled 2', 'send 2']);
  });

  test('is asked for ever more rarely while fetches fail, and at once again after one that was good', () => {
    const run = new PushRun();
    const waits: number[] = [];
    const backoffMs = (): number => {
      let waitedMs = 0;
      for (; run.state === 'backingOff'; waitedMs += 500) run.advance(500);
      return waitedMs;
    };
    for (let fetch = 0; fetch < 11; fetch++) {
      run.admit();
      run.fetched(DENIED);
      waits.push(backoffMs());
    }
    expect(waits.slice(0, 5)).toStrictEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
    expect(waits.at(-1)).toBe(MAX_CREDENTIAL_BACKOFF_MS);
    run.admit();
    run.fetched({ kind: 'ready', expiresInMs: 0 });
    run.answer(12, SENT);
    run.advance(MIN_CREDENTIAL_USE_MS);
    run.admit();
    run.fetched(DENIED);
    expect(backoffMs()).toBe(CREDENTIAL_BACKOFF_MS);
  });

  test.each([
    [30_000, 30_000],
    [3_600_000, 300_000],
    [1, CREDENTIAL_BACKOFF_MS],
  ])('a token service that says to wait %i ms is left alone for %i', (retryAfterMs, waitedMs) => {
    const run = new PushRun();
    run.admit();
    run.fetched({ ...DENIED, kind: 'failed', reason: 'status 503', retryAfterMs });
    run.advance(waitedMs - 1);
    expect(run.state).toBe('backingOff');
    run.advance(1);
    expect(run.state).toBe('idle');
  });
});

describe('a credential that is refused', () => {
  test('is fetched anew, once for all wakes that were sent with it', () => {
    const run = ready();
    run.admit(3);
    expect(run.answer(2, UNAUTHORIZED)).toStrictEqual(['fetch 2']);
    expect(run.answer(3, UNAUTHORIZED)).toStrictEqual([]);
    expect(run.fetched(READY)).toStrictEqual(['settled 2', 'send 2', 'send 3']);
    // It was sent with the old one.
    expect(run.answer(4, UNAUTHORIZED)).toStrictEqual(['send 4']);
    expect(run.answer(2, SENT)).toStrictEqual(['ended 2: sent without an id']);
  });

  test('is not fetched anew a third time: each wake would cost a fetch', () => {
    const run = ready();
    run.admit(3);
    run.answer(2, UNAUTHORIZED);
    run.fetched(READY);
    expect(run.answer(2, UNAUTHORIZED)).toStrictEqual(['ended 2: send_failed, status 401']);
    run.admit();
    expect(run.answer(5, UNAUTHORIZED)).toStrictEqual([
      'ended 5: token_fetch_failed, token fetch: the new credential was refused too',
    ]);
    expect(run.state).toBe('backingOff');
    expect(run.answer(3, UNAUTHORIZED)).toStrictEqual([
      'ended 3: token_fetch_failed, token fetch: the last one has failed',
    ]);
    run.advance(CREDENTIAL_BACKOFF_MS);
    expect(run.answer(4, UNAUTHORIZED)).toStrictEqual(['fetch 3']);
  });

  test.each([
    ['a wake has been sent', SENT],
    ['its token is unregistered', UNREGISTERED],
    ['it was refused for another reason', REFUSED],
  ])('counts anew when %s', (_, outcome) => {
    const run = ready();
    for (const id of [2, 3, 4]) {
      run.admit();
      expect(run.answer(id, UNAUTHORIZED)).toStrictEqual([`fetch ${id}`]);
      run.fetched(READY);
      run.answer(id, outcome);
    }
  });

  test('counts anew when it was fetched because the last one was old', () => {
    const run = ready();
    run.admit();
    run.answer(2, UNAUTHORIZED);
    run.fetched(READY);
    run.answer(2, BUSY);
    run.advance(3_600_000);
    run.admit();
    run.fetched(READY);
    expect(run.answer(3, UNAUTHORIZED)).toStrictEqual(['fetch 4']);
  });

  test.each([
    ['that does not show it to be good', FAILED],
    ['to a wake that was sent with the one before', SENT],
  ])('does not count anew for an answer %s', (_, outcome) => {
    const run = ready();
    run.admit(4);
    run.answer(2, UNAUTHORIZED);
    run.fetched(READY);
    run.answer(3, outcome);
    if (outcome === FAILED) {
      run.admit();
      run.answer(6, FAILED);
    }
    run.admit();
    const last = outcome === FAILED ? 7 : 6;
    expect(run.answer(last, UNAUTHORIZED)).toStrictEqual([
      `ended ${last}: token_fetch_failed, token fetch: the new credential was refused too`,
    ]);
  });

  test('for ever costs ever fewer fetches', () => {
    const run = new PushRun();
    const fetchedAtMs: number[] = [];
    let id = 0;
    for (let nowMs = 0; nowMs < 600_000; nowMs += 100) {
      id++;
      for (let said = run.admit(); said.length > 0 && !said.at(-1)?.startsWith('ended'); ) {
        if (said.at(-1)?.startsWith('fetch') === true) {
          fetchedAtMs.push(nowMs);
          said = run.fetched(READY);
        } else said = run.answer(id, UNAUTHORIZED);
      }
      run.advance(100);
    }
    // Two before each wait: 1, 2, 4 ... 256 s.
    expect(fetchedAtMs.length).toBeLessThanOrEqual(22);
    expect(fetchedAtMs.at(-1)).toBeGreaterThan(500_000);
  });
});

describe('wakes', () => {
  test('are in flight up to the cap; the next one is turned away with an outcome of its own', () => {
    const run = ready();
    run.admit(MAX_WAKES_IN_FLIGHT);
    expect(run.inFlight).toBe(MAX_WAKES_IN_FLIGHT);
    const last = MAX_WAKES_IN_FLIGHT + 2;
    expect(run.admit()).toStrictEqual([`ended ${last}: send_failed, too many wakes in flight`]);
    run.answer(2, SENT);
    expect(run.admit()).toStrictEqual([`send ${last + 1}`]);
  });

  test('leave nothing behind when they have ended', () => {
    const run = ready();
    const [children, armed] = [run.children, run.armed];
    run.admit(5);
    for (const id of [2, 3, 4, 5, 6]) run.answer(id, SENT);
    expect(run.inFlight).toBe(0);
    expect(run.children).toStrictEqual(children);
    expect(run.armed).toBe(armed);
  });

  test('use few names over and over: xstate remembers each for ever', () => {
    const run = ready();
    const names = new Set<string>();
    for (let id = 2; id < 100; id += 2) {
      run.admit(2);
      for (const ref of run.refs.values()) names.add(ref.id);
      run.answer(id, SENT);
      run.answer(id + 1, SENT);
    }
    expect([...names].sort()).toStrictEqual(['wake/0', 'wake/1']);
  });

  test('have an outcome though their chart throws, and push goes on', () => {
    const run = ready();
    run.admit(2);
    // What the chart reads from it throws.
    const broken = { kind: 'busy', reason: 'x', quota: false } as const;
    Object.defineProperty(broken, 'retryAfterMs', {
      get: () => {
        throw new Error('broken');
      },
    });
    expect(run.answer(2, broken)).toStrictEqual(['a chart threw', 'ended 2: send_failed, internal error']);
    expect(run.answer(3, SENT)).toStrictEqual(['ended 3: sent without an id']);
    expect(run.inFlight).toBe(0);
    expect(run.admit()).toStrictEqual(['send 4']);
  });
});

describe('another provider', () => {
  test('is asked for a credential of its own', () => {
    const run = ready();
    expect(run.change(true)).toStrictEqual([]);
    expect(run.admit()).toStrictEqual(['fetch 2']);
  });

  test('is asked at once if wakes wait, and the answer of the old one is ignored', () => {
    const run = new PushRun();
    run.admit();
    expect(run.change(true)).toStrictEqual(['settled 1', 'fetch 2']);
    expect(run.fetched(READY, 1)).toStrictEqual([]);
    expect(run.fetched(READY, 2)).toStrictEqual(['settled 2', 'send 1']);
  });

  test('ends a back-off: it may be what was wrong', () => {
    const run = new PushRun();
    run.admit();
    run.fetched(DENIED);
    run.advance(CREDENTIAL_BACKOFF_MS);
    run.admit();
    run.fetched(DENIED);
    run.change(true);
    expect(run.admit()).toStrictEqual(['fetch 3']);
    run.fetched(DENIED);
    run.advance(CREDENTIAL_BACKOFF_MS);
    expect(run.state).toBe('idle');
  });

  test('that is the same, confirmed by the operator, ends a back-off too', () => {
    const run = new PushRun();
    expect(run.confirm()).toStrictEqual([]);
    run.admit();
    run.fetched({ kind: 'failed', reason: 'status 503', retryAfterMs: 300_000 });
    run.confirm();
    expect(run.admit()).toStrictEqual(['fetch 2']);
    run.fetched(DENIED);
    run.advance(CREDENTIAL_BACKOFF_MS);
    expect(run.state).toBe('idle');
    run.admit();
    run.fetched(READY);
    run.confirm();
    expect(run.admit()).toStrictEqual(['send 4']);
  });

  test('does not disturb a wake that has been sent', () => {
    const run = ready();
    run.admit();
    expect(run.change(true)).toStrictEqual([]);
    expect(run.answer(2, UNAUTHORIZED)).toStrictEqual(['fetch 2']);
    expect(run.fetched(READY)).toStrictEqual(['settled 2', 'send 2']);
  });

  test('that is none cancels all, and the next one is turned away', () => {
    const run = ready();
    run.admit();
    expect(run.change(false)).toStrictEqual(['ended 2: send_failed, push is switched off']);
    expect(run.state).toBe('off');
    expect(run.admit()).toStrictEqual(['ended 3: send_failed, push is switched off']);
    expect(run.change(false)).toStrictEqual([]);
    expect(run.change(true)).toStrictEqual([]);
    expect(run.state).toBe('idle');
  });
});

test('push that is off stays off', () => {
  const run = new PushRun({ isOn: false });
  expect(run.state).toBe('off');
  expect(run.admit()).toStrictEqual(['ended 1: send_failed, push is switched off']);
  expect(run.armed).toBe(0);
});

test('the end cancels what is in flight, wherever it is, and leaves nothing', () => {
  const run = new PushRun();
  run.admit(2);
  expect(run.end()).toStrictEqual([
    'settled 1',
    'ended 1: send_failed, cancelled',
    'ended 2: send_failed, cancelled',
  ]);
  expect(run.push.getSnapshot().status).toBe('done');
  expect(run.armed).toBe(0);
});

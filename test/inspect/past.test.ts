/** What a page is sent of the past of a server-id. */
import { expect, test } from 'vitest';
import { PAST_BYTES } from '../../src/inspect/inspect-limits.ts';
import { sentence } from '../../src/inspect/page/words.ts';
import { pastOf } from '../../src/inspect/past.ts';
import { RecordedRelay } from './recorded-relay.ts';

test('is what the recorder holds, with the states, what was told, and the transitions that were taken', () => {
  const relay = new RecordedRelay();
  relay.dial('binary', 's', 'b');
  relay.dial('phone', 's', 'p');
  relay.report('b', { type: 'socket.ended', closeCode: 1006 });
  relay.clock.increment(30_000);
  const past = pastOf(relay.recorder, 's');
  expect(past?.steps.flatMap(({ events }) => events.map((event) => sentence(event)))).toEqual([
    'directory → server: binary.claimed b, now claimed.held.live',
    'server → binary b: admit claim',
    'directory → server: phone.registered p, now claimed.held.live',
    'server → phone p: admit registration',
    'binary b → server: binary.left, now claimed.grace',
    'server: after gracePeriod, now released',
    'server → phone p: close 4404 expired',
  ]);
  expect(past?.steps.map(({ after, recorded }) => [after.state, recorded])).toEqual([
    ['claimed.held.live', null],
    ['claimed.held.live', null],
    ['claimed.grace', null],
    ['released', null],
  ]);
  expect(past?.steps.at(-2)?.events[0].taken).toEqual([
    { source: 'server.claimed.held', event: 'binary.left', index: 0 },
  ]);
  expect(pastOf(relay.recorder, 'unknown')).toBe(null);
});

test('is bounded: of a server-id with very many phones the oldest steps are left out', () => {
  const relay = new RecordedRelay(0);
  relay.dial('binary', 's', 'b');
  for (let n = 0; n < 400; n++) relay.dial('phone', 's', `phone-${n}`);
  const recorded = relay.recorder.tape('s')?.records ?? [];
  const past = pastOf(relay.recorder, 's');
  expect(JSON.stringify(past).length).toBeLessThan(PAST_BYTES + 20_000);
  expect(past?.steps.length).toBeGreaterThan(3);
  expect(past?.steps.length).toBeLessThan(recorded.length);
  expect(past?.steps.at(-1)?.after.phones).toHaveLength(400);
  const [first] = past?.steps ?? [];
  expect(past?.before.phones).toHaveLength((first?.after.phones.length ?? 0) - 1);
});

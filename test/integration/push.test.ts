/** A binary asks for wakes of phones that are away; the push service is scripted. */
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { MAX_WAKES_IN_FLIGHT } from '../../src/protocol/push-limits.ts';
import { WAKE_BURST } from '../../src/push/limits.ts';
import type { RelayOptions } from '../../src/relay.ts';
import { TestRelay } from '../support/relay.ts';
import { ScriptedPush, wakeText } from '../support/scripted-push.ts';

let relay: TestRelay;
let push: ScriptedPush;
afterEach(async () => {
  await relay.dispose();
});

const start = async (options: RelayOptions = {}): Promise<void> => {
  push = new ScriptedPush();
  relay = await TestRelay.start({ pushProvider: push, ...options });
};

const fingerprintOf = (token: string): string => createHash('sha256').update(token).digest('hex').slice(0, 8);

const outcomes = async (): Promise<Record<string, number | undefined>> => {
  const names = ['sent', 'unregistered', 'token_fetch_failed', 'send_failed', 'dropped'];
  const counts = await Promise.all(
    names.map(async (name) => await relay.metric(`push_wakes_total{outcome="${name}"}`)),
  );
  return Object.fromEntries(names.map((name, n) => [name, counts[n]]).filter(([, count]) => count !== 0));
};

/** Asks for wakes from as many server-ids as they need. */
const ask = async (tokens: readonly string[]): Promise<void> => {
  for (let n = 0; n < tokens.length; n += WAKE_BURST) {
    const binary = await relay.peers.binary(relay.peers.serverId());
    for (const token of tokens.slice(n, n + WAKE_BURST)) binary.send(wakeText(token));
  }
};

const tokens = (count: number): string[] => Array.from({ length: count }, (_, n) => `token-${n}`);

const untilHeld = async (count: number): Promise<void> => {
  while (push.held.length < count) await new Promise(setImmediate);
};

describe('a wake', () => {
  test('is sent once, with one line and one count, and the token is in neither', async () => {
    await start();
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    binary.send(wakeText('secret-token', { title: 'never sent' }));
    const line = await relay.logged('push_wake_sent', { server_id: serverId });
    expect(push.tokens).toStrictEqual(['secret-token']);
    expect(line.level).toBe('info');
    expect(line.fields).toStrictEqual({
      server_id: serverId,
      token_fp: fingerprintOf('secret-token'),
      duration: expect.stringMatching(/^\d+ms$/),
      fcm_message_id: 'm',
    });
    expect(await outcomes()).toStrictEqual({ sent: 1 });
    expect(JSON.stringify(relay.lines)).not.toContain('secret-token');
  });

  test.each([
    ['failed', { kind: 'failed', reason: 'status 400 (INVALID_ARGUMENT)' }, 'send_failed'],
    [
      'unregistered',
      { kind: 'unregistered', reason: 'status 404 (NOT_FOUND, UNREGISTERED)' },
      'unregistered',
    ],
  ] as const)('that the service answers with %s has one line and one count', async (_, outcome, counted) => {
    await start();
    push.answerTo = () => outcome;
    await ask(['t']);
    const line = await relay.logged('push_wake_send_failed');
    expect(line).toMatchObject({
      level: 'warn',
      fields: { token_fp: fingerprintOf('t'), err: outcome.reason },
    });
    expect(Object.keys(line.fields).toSorted()).toStrictEqual(['duration', 'err', 'server_id', 'token_fp']);
    expect(await outcomes()).toStrictEqual({ [counted]: 1 });
  });

  test('without a credential fails, and the service is not called', async () => {
    await start();
    push.credential = { kind: 'failed', reason: 'status 400 (invalid_grant)' };
    await ask(['t']);
    expect(await relay.logged('push_wake_send_failed')).toMatchObject({
      fields: { err: 'token fetch: status 400 (invalid_grant)' },
    });
    expect(push.tokens).toStrictEqual([]);
    expect(await outcomes()).toStrictEqual({ token_fetch_failed: 1 });
  });

  test('whose provider throws has failed, and the fault is counted', async () => {
    await start();
    push.answerTo = () => {
      throw new TypeError('with a secret in its text');
    };
    await ask(['t']);
    expect(await relay.logged('push_wake_send_failed')).toMatchObject({ fields: { err: 'TypeError' } });
    expect(await relay.metric('internal_faults_total')).toBe(1);
    expect(JSON.stringify(relay.lines)).not.toContain('secret in its text');
  });

  test('beside a conn_id is only a frame', async () => {
    await start();
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    const { phone, connId } = await relay.peers.knownPhone(serverId, binary);
    for (const wake of [JSON.parse(wakeText('t')) as { push_wake: unknown }, { push_wake: 5 }]) {
      binary.send(JSON.stringify({ conn_id: connId, frame: 'hello', ...wake }));
      expect(await phone.next()).toBe('"hello"');
    }
    binary.send(JSON.stringify({ conn_id: connId, push_wake: 5 }));
    await relay.logged('binary_forwarder_unmarshal_err', { err: 'missing frame' });
    expect(push.tokens).toStrictEqual([]);
    expect(relay.events('binary_forwarder_push_wake_dropped')).toStrictEqual([]);
  });

  test('survives its binary', async () => {
    await start();
    push.answerTo = () => undefined;
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    binary.send(wakeText('t'));
    await untilHeld(1);
    await binary.close(1000);
    await relay.logged('server_released', { server_id: serverId });
    expect(push.held[0]?.signal.aborted).toBe(false);
    push.held[0]?.answer({ kind: 'sent' });
    expect(await relay.logged('push_wake_sent')).toMatchObject({ fields: { server_id: serverId } });
  });
});

test('a hundred wakes need one credential', async () => {
  await start({ pushPerSecond: 0 });
  await ask(tokens(100));
  for (let n = 0; n < 100; n++) await relay.logged('push_wake_sent');
  expect(push.fetches).toBe(1);
  expect(push.tokens.toSorted()).toStrictEqual(tokens(100).toSorted());
  expect(await outcomes()).toStrictEqual({ sent: 100 });
});

describe('a wake that is not admitted', () => {
  test.each([
    ['5', 'malformed push_wake', 'malformed'],
    ['{"platform":5,"token":"t"}', 'malformed push_wake', 'malformed'],
    ['{"platform":"apns","token":"t"}', 'platform not supported', 'platform'],
    ['{"platform":"fcm","token":""}', 'token is empty', 'empty_token'],
    [`{"platform":"fcm","token":"${'x'.repeat(4_097)}"}`, 'token is too long', 'long_token'],
  ])('%s counts as no outcome, costs no token, and the connection stays', async (wake, err, reason) => {
    await start();
    const serverId = relay.peers.serverId();
    const binary = await relay.peers.binary(serverId);
    for (let n = 0; n < 2 * WAKE_BURST; n++) binary.send(`{"push_wake":${wake}}`);
    const line = await relay.logged('binary_forwarder_push_wake_dropped', { server_id: serverId });
    expect(line).toMatchObject({ level: 'warn', fields: { err } });
    expect(Object.keys(line.fields).toSorted()).toStrictEqual(['binary_conn_id', 'err', 'server_id']);
    binary.send(wakeText('t'));
    await relay.logged('push_wake_sent');
    expect(await outcomes()).toStrictEqual({ sent: 1 });
    expect(await relay.metric(`push_refusals_total{reason="${reason}"}`)).toBe(2 * WAKE_BURST);
    expect(relay.events('binary_forwarder_unmarshal_err')).toStrictEqual([]);
  });

  test('because its server-id has sent too many counts as dropped', async () => {
    await start();
    const binary = await relay.peers.binary(relay.peers.serverId());
    for (let n = 0; n <= WAKE_BURST; n++) binary.send(wakeText('t'));
    expect(await relay.logged('binary_forwarder_push_wake_dropped')).toMatchObject({
      fields: { err: 'too many wakes of this server-id' },
    });
    for (let n = 0; n < WAKE_BURST; n++) await relay.logged('push_wake_sent');
    expect(await outcomes()).toStrictEqual({ sent: WAKE_BURST, dropped: 1 });
    expect(await relay.metric('push_refusals_total{reason="rate"}')).toBe(1);
  });

  test('because too many are in flight counts as dropped', async () => {
    await start();
    push.answerTo = () => undefined;
    await ask(tokens(MAX_WAKES_IN_FLIGHT + 1));
    expect(await relay.logged('binary_forwarder_push_wake_dropped')).toMatchObject({
      fields: { err: 'too many wakes in flight' },
    });
    expect(await relay.metric('actors{machine="wake",state="delivering.sending"}')).toBe(MAX_WAKES_IN_FLIGHT);
    expect(await relay.metric('actors{machine="push",state="on.ready"}')).toBe(1);
    for (const { answer } of push.held) answer({ kind: 'sent' });
    for (let n = 0; n < MAX_WAKES_IN_FLIGHT; n++) await relay.logged('push_wake_sent');
    expect(await outcomes()).toStrictEqual({ sent: MAX_WAKES_IN_FLIGHT, dropped: 1 });
    expect(await relay.metric('actors{machine="wake",state="delivering.sending"}')).toBe(0);
  });

  test('because there are too many per second counts as dropped, until a reload allows more', async () => {
    await start({ pushPerSecond: 1 });
    await ask(['t1']);
    await relay.logged('push_wake_sent');
    expect((await relay.reload({ pushPerSecond: 2 })).changed).toStrictEqual(['--push-per-second is 2']);
    expect((await relay.reload({ pushPerSecond: 2 })).changed).toStrictEqual([]);
    await ask(tokens(10));
    expect(await relay.logged('binary_forwarder_push_wake_dropped')).toMatchObject({
      fields: { err: 'too many wakes per second' },
    });
  });

  test('because its token is dead costs no call', async () => {
    await start();
    push.answerTo = () => ({ kind: 'unregistered', reason: 'status 404' });
    await ask(['dead']);
    await relay.logged('push_wake_send_failed');
    await ask(['dead']);
    expect(await relay.logged('binary_forwarder_push_wake_dropped')).toMatchObject({
      fields: { err: 'token is unregistered' },
    });
    expect(push.tokens).toStrictEqual(['dead']);
    expect(await outcomes()).toStrictEqual({ unregistered: 1, dropped: 1 });
    expect(await relay.metric('push_dead_tokens')).toBe(1);
  });

  test('because push is off counts as no outcome', async () => {
    await start({ pushProvider: undefined });
    expect(relay.events('push off')).toMatchObject([{ level: 'info' }]);
    await ask(['t']);
    expect(await relay.logged('binary_forwarder_push_wake_dropped')).toMatchObject({
      fields: { err: 'push off' },
    });
    expect(await outcomes()).toStrictEqual({});
    expect(await relay.metric('push_refusals_total{reason="push_off"}')).toBe(1);
    expect(await relay.metric('actors{machine="push",state="off"}')).toBe(1);
  });
});

test('a reload ends the wait after a fetch that failed, though it changes nothing', async () => {
  await start();
  push.credential = { kind: 'failed', reason: 'status 503', retryAfterMs: 300_000 };
  await ask(['t1']);
  await relay.logged('push_wake_send_failed');
  push.credential = { kind: 'ready', expiresInMs: 3_600_000 };
  await ask(['t2']);
  expect(await relay.logged('push_wake_send_failed')).toMatchObject({
    fields: { err: 'token fetch: the last one has failed' },
  });
  expect((await relay.reload({})).changed).toStrictEqual([]);
  await ask(['t3']);
  await relay.logged('push_wake_sent');
});

test('a quota that is used up is counted each time, and said once', async () => {
  await start();
  push.answerTo = () => ({ kind: 'busy', reason: 'status 429', retryAfterMs: 1e6, quota: true });
  await ask(tokens(3));
  for (let n = 0; n < 3; n++) await relay.logged('push_wake_send_failed');
  expect(await relay.metric('push_quota_errors_total')).toBe(3);
  expect(relay.events('push_quota_exceeded').map(({ fields }) => fields)).toStrictEqual([
    { err: 'status 429' },
  ]);
});

test('a push chart that throws ends its wakes, one line each, and the relay serves on without push', async () => {
  await start();
  push.credential = {
    kind: 'ready',
    get expiresInMs(): number {
      throw new Error('broken');
    },
  };
  await ask(['t1', 't2']);
  for (let n = 0; n < 2; n++)
    expect((await relay.logged('push_wake_send_failed')).fields['err']).toMatch('internal error');
  expect(await relay.metric('internal_faults_total')).toBe(1);
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  binary.send(wakeText('t3'));
  expect(await relay.logged('binary_forwarder_push_wake_dropped')).toMatchObject({
    fields: { err: 'push off' },
  });
  await relay.peers.knownPhone(serverId, binary);
});

test('the live page shows the state of push and the wakes in flight, and no token', async () => {
  await start({ inspectListen: { host: '127.0.0.1', port: 0 } });
  const serverId = relay.peers.serverId();
  const binary = await relay.peers.binary(serverId);
  const stream = await fetch(`${relay.inspectUrl}events?server=${serverId}`);
  push.answerTo = () => undefined;
  binary.send(wakeText('secret-token'));
  let seen = '';
  const reader = stream.body?.getReader();
  const until = async (...texts: readonly RegExp[]): Promise<void> => {
    while (!texts.every((text) => text.test(seen))) {
      const { done = true, value } = (await reader?.read()) ?? {};
      if (done) throw new Error(`the stream ended: ${seen}`);
      seen += Buffer.from(value ?? []).toString();
    }
  };
  await until(
    /"push":\{"states":\["push","push\.on","push\.on\.ready"\],"timers":\[[^\]]*\],"wakes":1\}/,
    /"wakes":\[\{"id":1,"states":\["wake","wake\.delivering","wake\.delivering\.sending"\]/,
  );
  seen = '';
  push.held[0]?.answer({ kind: 'sent' });
  await until(
    /"push":\{"states":\["push","push\.on","push\.on\.ready"\],"timers":\[[^\]]*\],"wakes":0\}/,
    /"wakes":\[\]/,
  );
  await reader?.cancel();
  expect(seen).not.toContain('secret-token');
});

test('the end of the relay cancels the wakes in flight, one line and one count each', async () => {
  await start();
  push.answerTo = () => undefined;
  await ask(tokens(3));
  await untilHeld(3);
  await relay.stop();
  const lines = relay.events('push_wake_send_failed');
  expect(lines.map(({ fields }) => fields['err'])).toStrictEqual(['cancelled', 'cancelled', 'cancelled']);
  expect(push.held.map(({ signal }) => signal.aborted)).toStrictEqual([true, true, true]);
});

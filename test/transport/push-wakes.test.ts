/** Wakes between their chart and a provider that may be another one in the middle. */

import { expect, onTestFinished, test } from 'vitest';
import { createActor } from 'xstate';
import { pushMachine } from '../../src/machines/push-machine.ts';
import type { WakeEnd } from '../../src/machines/wake-messages.ts';
import type { CredentialOutcome, PushProvider } from '../../src/push/provider.ts';
import { WakeGate } from '../../src/push/wake-gate.ts';
import { PushWakes } from '../../src/transport/push-wakes.ts';
import { ScriptedPush } from '../support/scripted-push.ts';

const UNREGISTERED = { kind: 'unregistered', reason: 'status 404' } as const;

/** Its fetches are held. */
class SlowToAuthorize extends ScriptedPush {
  readonly fetchSignals: AbortSignal[] = [];

  override async authorize(signal?: AbortSignal): Promise<CredentialOutcome> {
    this.fetches++;
    if (signal !== undefined) this.fetchSignals.push(signal);
    return await new Promise(() => {});
  }
}

const open = (provider: PushProvider) => {
  const seen: (WakeEnd | string)[] = [];
  let tell = (): void => {};
  const push = createActor(pushMachine, { input: { isOn: true } });
  const wakes = new PushWakes({
    push,
    gate: new WakeGate(0, () => 0),
    provider,
    observer: {
      observe: (event) => {
        if (event.type === 'wake.ended') seen.push(event.end);
        if (event.type === 'envelope.push_wake' && 'refusal' in event) seen.push(event.refusal);
        tell();
      },
    },
  });
  push.start();
  onTestFinished(() => void push.stop());
  const ask = (token: string): void =>
    wakes.request({ serverId: 's', connId: 'c' }, Buffer.from(JSON.stringify({ platform: 'fcm', token })));
  /** Resolves with all that was seen, once that is so much. */
  const until = async (count: number): Promise<readonly (WakeEnd | string)[]> => {
    while (seen.length < count)
      await new Promise<void>((resolve) => {
        tell = resolve;
      });
    return seen;
  };
  return { wakes, ask, until };
};

/** Resolves once as many sends are held. */
const untilHeld = async (provider: ScriptedPush, count = 1): Promise<void> => {
  while (provider.held.length < count) await new Promise(setImmediate);
};

const holding = (): ScriptedPush => {
  const provider = new ScriptedPush();
  provider.answerTo = () => undefined;
  return provider;
};

test('a token that was dead for one provider is asked for at the next', async () => {
  const [first, second] = [new ScriptedPush(), new ScriptedPush()];
  first.answerTo = () => UNREGISTERED;
  const { wakes, ask, until } = open(first);
  ask('t');
  await until(1);
  ask('t');
  expect((await until(2)).at(-1)).toBe('dead_token');
  wakes.use(second);
  expect(wakes.deadTokens).toBe(0);
  ask('t');
  expect((await until(3)).at(-1)).toMatchObject({ outcome: 'sent' });
});

test('what is in flight is answered by the provider that was asked, and its dead tokens are its own', async () => {
  const [first, second] = [holding(), new ScriptedPush()];
  const { wakes, ask, until } = open(first);
  ask('t1');
  ask('t2');
  await untilHeld(first, 2);
  wakes.use(second);
  expect(first.held.map(({ signal }) => signal.aborted)).toStrictEqual([false, false]);
  first.held[0]?.answer(UNREGISTERED);
  first.held[1]?.answer({ kind: 'sent', messageId: 'late' });
  expect(await until(2)).toStrictEqual([
    { outcome: 'unregistered', reason: 'status 404' },
    { outcome: 'sent', messageId: 'late' },
  ]);
  expect(wakes.deadTokens).toBe(0);
  ask('t1');
  expect((await until(3)).at(-1)).toMatchObject({ outcome: 'sent' });
  expect([first.fetches, second.fetches, second.tokens]).toStrictEqual([1, 1, ['t1']]);
});

test('a fetch that nobody waits for any longer is ended', async () => {
  const [first, second] = [new SlowToAuthorize(), new ScriptedPush()];
  const { wakes, ask, until } = open(first);
  ask('t');
  expect(first.fetchSignals.map(({ aborted }) => aborted)).toStrictEqual([false]);
  wakes.use(second);
  expect(first.fetchSignals.map(({ aborted }) => aborted)).toStrictEqual([true]);
  expect(await until(1)).toMatchObject([{ outcome: 'sent' }]);
});

/**
 * Carries out what the charts of push ask for: calls the provider, and reports its answers. Tokens are kept here, by the id of their
 * wake, and nowhere else.
 */
import type { ActorRefFrom } from 'xstate';
import type { pushMachine } from '../machines/push-machine.ts';
import type { PushEmitted, WakeRef } from '../machines/push-messages.ts';
import type { WakeEnd } from '../machines/wake-messages.ts';
import { QUOTA_LINE_PERIOD_MS } from '../push/limits.ts';
import type { CredentialOutcome, PushProvider, WakeOutcome } from '../push/provider.ts';
import type { WakeGate } from '../push/wake-gate.ts';
import { contain, type Wakes } from './data-plane.ts';
import { describeError, type Watcher } from './observation.ts';

export type PushRef = ActorRefFrom<typeof pushMachine>;

interface InFlight {
  readonly serverId: string;
  readonly fingerprint: string;
  readonly token: string;
  readonly startedAtMs: number;
  /** Ends its call when the wake ends. */
  readonly call: AbortController;
}

export interface PushWakesOptions {
  readonly push: PushRef;
  readonly gate: WakeGate;
  /** Undefined: push is off. */
  readonly provider: PushProvider | undefined;
  readonly observer: Watcher;
  readonly nowMs?: () => number;
}

const isActive = (ref: PushRef | WakeRef): boolean => ref.getSnapshot().status === 'active';

export class PushWakes implements Wakes {
  readonly #push: PushRef;
  readonly #gate: WakeGate;
  readonly #observer: Watcher;
  readonly #nowMs: () => number;
  #provider: PushProvider | undefined;
  readonly #inFlight = new Map<number, InFlight>();
  #lastId = 0;
  #fetch = new AbortController();
  #quotaSaidAtMs = Number.NEGATIVE_INFINITY;

  constructor({ push, gate, provider, observer, nowMs = () => performance.now() }: PushWakesOptions) {
    this.#push = push;
    this.#gate = gate;
    this.#provider = provider;
    this.#observer = observer;
    this.#nowMs = nowMs;
    push.on('*', (emitted) => contain(observer, () => this.#act(emitted)));
  }

  get chart(): PushRef {
    return this.#push;
  }

  /** How many dead tokens are remembered. */
  get deadTokens(): number {
    return this.#gate.deadTokens;
  }

  /** Wakes from now on are sent by this one. What the old one was asked for is still answered. */
  use(provider: PushProvider | undefined): void {
    this.#provider = provider;
    // A token may be dead for one project, and of a phone for the next.
    this.#gate.forgetDead();
    if (isActive(this.#push)) this.#push.send({ type: 'provider.changed', isOn: provider !== undefined });
  }

  /** The operator has reloaded, and the provider is the same: it is asked again at once. */
  confirm(): void {
    if (isActive(this.#push)) this.#push.send({ type: 'provider.confirmed' });
  }

  /** The push chart threw, and its wakes are gone with it. */
  abandon(): void {
    this.#fetch.abort();
    for (const id of this.#inFlight.keys())
      this.#end(id, { outcome: 'send_failed', reason: 'internal error' });
  }

  request(
    { serverId, connId }: { readonly serverId: string; readonly connId: string },
    wake: Uint8Array,
  ): void {
    const platform = isActive(this.#push) ? (this.#provider?.platform ?? null) : null;
    const inFlight = this.#push.getSnapshot().context.wakes.size;
    const judgement = this.#gate.judge(serverId, wake, { platform, inFlight });
    if (judgement.kind === 'refused') {
      const { refusal } = judgement;
      this.#observer.observe({ type: 'envelope.push_wake', serverId, connId, refusal });
      return;
    }
    const { token, fingerprint } = judgement;
    const id = ++this.#lastId;
    const startedAtMs = this.#nowMs();
    this.#inFlight.set(id, { serverId, fingerprint, token, startedAtMs, call: new AbortController() });
    this.#push.send({ type: 'wake.admitted', id, serverId, fingerprint });
  }

  #act(emitted: PushEmitted): void {
    switch (emitted.type) {
      case 'credential.due':
        void this.#authorize(emitted.credential);
        return;
      case 'credential.settled':
        this.#fetch.abort();
        return;
      case 'wake.created': {
        const { id, ref } = emitted;
        ref.on('send.due', () => contain(this.#observer, () => void this.#send(id, ref)));
        return;
      }
      case 'wake.failed':
        this.#observer.observe({ type: 'effect.failed', err: describeError(emitted.error) });
        return;
      case 'wake.ended':
        this.#end(emitted.id, emitted.end);
    }
  }

  #end(id: number, end: WakeEnd): void {
    const wake = this.#inFlight.get(id);
    if (wake === undefined) return;
    const { serverId, fingerprint, startedAtMs, call } = wake;
    this.#inFlight.delete(id);
    call.abort();
    const ms = this.#nowMs() - startedAtMs;
    this.#observer.observe({ type: 'wake.ended', serverId, fingerprint, end, ms });
  }

  async #authorize(credential: number): Promise<void> {
    const fetch = new AbortController();
    this.#fetch = fetch;
    const outcome = await this.#ask<CredentialOutcome>((provider) => provider.authorize(fetch.signal));
    contain(this.#observer, () => {
      if (isActive(this.#push)) this.#push.send({ type: 'credential.answered', credential, outcome });
    });
  }

  async #send(id: number, ref: WakeRef): Promise<void> {
    const wake = this.#inFlight.get(id);
    if (wake === undefined) return;
    const { token, call } = wake;
    const asked = this.#provider;
    const outcome = await this.#ask<WakeOutcome>((provider) => provider.send({ token }, call.signal));
    contain(this.#observer, () => {
      if (outcome.kind === 'unregistered' && asked === this.#provider) this.#gate.bury(token);
      if (outcome.kind === 'busy' && outcome.quota) this.#noteQuota(outcome.reason);
      if (isActive(ref)) ref.send({ type: 'send.answered', outcome });
    });
  }

  /** A provider that throws has failed: its promises must not end the process. */
  async #ask<T>(
    ask: (provider: PushProvider) => Promise<T>,
  ): Promise<T | { readonly kind: 'failed'; readonly reason: string }> {
    const provider = this.#provider;
    if (provider === undefined) return { kind: 'failed', reason: 'push is switched off' };
    try {
      return await ask(provider);
    } catch (error) {
      const err = describeError(error);
      this.#observer.observe({ type: 'effect.failed', err });
      return { kind: 'failed', reason: err };
    }
  }

  #noteQuota(err: string): void {
    const nowMs = this.#nowMs();
    const isNews = nowMs - this.#quotaSaidAtMs >= QUOTA_LINE_PERIOD_MS;
    if (isNews) this.#quotaSaidAtMs = nowMs;
    this.#observer.observe({ type: 'push.quota_exceeded', err, isNews });
  }
}

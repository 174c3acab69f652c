/** Events that the push chart receives and emits. */
import type { ActorRefFrom } from 'xstate';
import type { wakeMachine } from './wake-machine.ts';
import type { AdmittedWake, WakeEnd, WakeReport } from './wake-messages.ts';

/** What a credential request came to. `expiresInMs` counts from now. */
export type CredentialOutcome =
  | { readonly kind: 'ready'; readonly expiresInMs: number }
  | { readonly kind: 'failed'; readonly reason: string; readonly retryAfterMs?: number };

export interface FetchAnswer {
  readonly outcome: CredentialOutcome;
}
export interface NumberedFetchAnswer extends FetchAnswer {
  readonly credential: number;
}

export type PushEvent =
  | ({ readonly type: 'wake.admitted' } & AdmittedWake)
  /** The answer to `credential.due` with this number. */
  | ({ readonly type: 'credential.answered' } & NumberedFetchAnswer)
  /** Another provider, or none. The credential was the old one's. */
  | { readonly type: 'provider.changed'; readonly isOn: boolean }
  /** The operator has reloaded, and the provider is the same: what was wrong with it may be mended. */
  | { readonly type: 'provider.confirmed' }
  /** The relay stops. */
  | { readonly type: 'end' }
  | WakeReport
  /** A wake's chart threw. */
  | { readonly type: `xstate.error.actor.${string}`; readonly actorId: string; readonly error: unknown };

export type WakeRef = ActorRefFrom<typeof wakeMachine>;

export type PushEmitted =
  /** Fetch a credential, and report the answer. */
  | { readonly type: 'credential.due'; readonly credential: number }
  /** Nobody waits for its answer any longer: it has come, or is too late. */
  | { readonly type: 'credential.settled'; readonly credential: number }
  /** It does nothing before the next event, so listeners miss nothing. */
  | { readonly type: 'wake.created'; readonly id: number; readonly ref: WakeRef }
  /** Once for each admitted wake. */
  | ({ readonly type: 'wake.ended'; readonly end: WakeEnd } & AdmittedWake)
  | { readonly type: 'wake.failed'; readonly error: unknown };

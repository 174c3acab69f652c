/** Events that the chart of a wake receives and emits. None has a token: transport keeps it, by the wake's id. */

/** What a send came to. `reason` holds no free text of the peer: `status N (STATUS, CODE)`, or our own words. */
export type SendOutcome =
  | { readonly kind: 'sent'; readonly messageId?: string }
  | { readonly kind: 'unregistered'; readonly reason: string }
  /** The bearer token was refused (401): the credential must be fetched anew. */
  | { readonly kind: 'unauthorized'; readonly reason: string }
  /** 429 or 5xx: may be tried once more; `quota` if the provider said that a quota is used up. */
  | {
      readonly kind: 'busy';
      readonly reason: string;
      readonly retryAfterMs?: number;
      readonly quota: boolean;
    }
  /** `isCredentialGood` if the provider refused the wake and not its bearer token. */
  | { readonly kind: 'failed'; readonly reason: string; readonly isCredentialGood?: boolean };

export interface SendAnswer {
  readonly outcome: SendOutcome;
}
export interface CredentialRefusal {
  readonly slot: number;
  readonly credential: number;
}

/** A wake that passed the pipeline. */
export interface AdmittedWake {
  /** Numbers all wakes of the process. */
  readonly id: number;
  readonly serverId: string;
  /** First 8 hex digits of the SHA-256 of the token. */
  readonly fingerprint: string;
}

export interface WakeInput extends AdmittedWake {
  /** From 0 up to `MAX_WAKES_IN_FLIGHT`; free for another wake when this one has ended. */
  readonly slot: number;
}

/** How a wake ends. */
export type WakeEnd =
  | { readonly outcome: 'sent'; readonly messageId: string | null }
  | { readonly outcome: 'unregistered' | 'token_fetch_failed' | 'send_failed'; readonly reason: string };

export type WakeEvent =
  /** From the push chart. The number tells one credential from the next. */
  | { readonly type: 'credential.ready'; readonly credential: number }
  | { readonly type: 'credential.failed'; readonly reason: string }
  | { readonly type: 'cancel'; readonly reason: string }
  /** From transport: the answer to `send.due`. */
  | ({ readonly type: 'send.answered' } & SendAnswer);

/** Send it, and report the answer. */
export interface WakeEmitted {
  readonly type: 'send.due';
}

export interface WakeResult {
  readonly slot: number;
  readonly end: WakeEnd;
  /** The credential that the provider has accepted; 0 if its answer shows none to be good, or there was none. */
  readonly goodCredential: number;
}

/** From a wake to the push chart. */
export type WakeReport =
  | ({ readonly type: 'wake.ended' } & WakeResult)
  /** The provider has refused this credential. The wake waits for another one. */
  | ({ readonly type: 'credential.refused' } & CredentialRefusal);

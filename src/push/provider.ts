/** What a push service is to the relay: it gives a bearer token, and takes wakes. */

/** A wake that passed the pipeline. `token` is a secret: it goes to the provider alone, never into a chart, line, series or page. */
export type Wake = { readonly token: string };

/** What a credential request came to. `expiresInMs` counts from now. */
export type CredentialOutcome =
  | { readonly kind: 'ready'; readonly expiresInMs: number }
  | { readonly kind: 'failed'; readonly reason: string; readonly retryAfterMs?: number };

/** What a send came to. `reason` holds no free text of the peer: `status N (STATUS, CODE)`, or our own words. */
export type WakeOutcome =
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
  | { readonly kind: 'failed'; readonly reason: string };

/** Sends wakes to one push service. Never rejects; an aborted signal gives `failed` with reason `cancelled`. */
export interface PushProvider {
  /** `push_wake.platform` that this one serves, as `fcm`. */
  readonly platform: string;
  /** Fetches a bearer token and keeps it inside the provider. */
  authorize(signal: AbortSignal): Promise<CredentialOutcome>;
  send(wake: Wake, signal: AbortSignal): Promise<WakeOutcome>;
}

/** A push service, as the relay sees it. Only FCM is built; APNs or UnifiedPush would be others. */
import type { CredentialOutcome } from '../machines/push-messages.ts';
import type { SendOutcome } from '../machines/wake-messages.ts';

export type { CredentialOutcome };
export type WakeOutcome = SendOutcome;

/** A wake that passed the pipeline. `token` is a secret: it goes to the provider alone, never into a chart, line, series or page. */
export type Wake = { readonly token: string };

/** Sends wakes to one push service. Never rejects; an aborted signal gives `failed` with reason `cancelled`. */
export interface PushProvider {
  /** `push_wake.platform` that this one serves, as `fcm`. */
  readonly platform: string;
  /** Fetches a bearer token and keeps it inside the provider. */
  authorize(signal: AbortSignal): Promise<CredentialOutcome>;
  send(wake: Wake, signal: AbortSignal): Promise<WakeOutcome>;
}

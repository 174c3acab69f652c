/** A push service whose answers the test gives, at once or when it likes. */
import type { CredentialOutcome, PushProvider, Wake, WakeOutcome } from '../../src/push/provider.ts';

const CANCELLED = { kind: 'failed', reason: 'cancelled' } as const;

export class ScriptedPush implements PushProvider {
  readonly platform = 'fcm';
  fetches = 0;
  /** Of all sends, in order. */
  readonly tokens: string[] = [];
  /** Calls that have not been answered, oldest first. */
  readonly held: {
    readonly token: string;
    readonly signal: AbortSignal;
    readonly answer: (outcome: WakeOutcome) => void;
  }[] = [];
  credential: CredentialOutcome = { kind: 'ready', expiresInMs: 3_600_000 };
  /** Undefined: the call is held. */
  answerTo: (wake: Wake) => WakeOutcome | undefined = () => ({ kind: 'sent', messageId: 'm' });

  async authorize(): Promise<CredentialOutcome> {
    this.fetches++;
    return this.credential;
  }

  async send(wake: Wake, signal: AbortSignal): Promise<WakeOutcome> {
    this.tokens.push(wake.token);
    const outcome = this.answerTo(wake);
    if (outcome !== undefined) return outcome;
    return await new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(CANCELLED));
      this.held.push({ token: wake.token, signal, answer: resolve });
    });
  }
}

export const wakeText = (token: string, more: object = {}): string =>
  JSON.stringify({ push_wake: { platform: 'fcm', token, ...more } });

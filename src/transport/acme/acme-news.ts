/** What is reported about certificates from an ACME server. */
import type { FailureKind } from './order-failure.ts';

export type AcmeNews =
  | { readonly type: 'certificate.issued'; readonly names: readonly string[]; readonly expiresAtMs: number }
  | {
      readonly type: 'certificate.order_failed';
      readonly names: readonly string[];
      readonly kind: FailureKind;
      /** A fixed text, a problem type of RFC 8555 or a system code. */
      readonly err: string;
      readonly retryAtMs: number;
    }
  /** An order before this start has failed, and it is too early for the next. */
  | {
      readonly type: 'certificate.order_waits';
      readonly names: readonly string[];
      readonly retryAtMs: number;
    }
  /** It serves until this process ends. */
  | { readonly type: 'certificate.not_kept'; readonly names: readonly string[]; readonly err: string }
  /** The cache was open to others, and is not any more. Permissions in octal, such as `0755`. */
  | {
      readonly type: 'cert_cache.tightened';
      readonly path: string;
      readonly from: string;
      readonly to: string;
    }
  /** A file in the cache that cannot be used. */
  | { readonly type: 'cert_cache.set_aside'; readonly path: string; readonly err: string };

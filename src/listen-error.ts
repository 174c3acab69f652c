/** A listener that could not be opened. */
import { formatAddress, type ListenAddress } from './transport/listening.ts';
import type { ListenerName } from './transport/observation.ts';

const WORDS: ReadonlyMap<string, string> = new Map([
  ['EADDRINUSE', 'already in use'],
  ['EACCES', 'may not be listened on'],
  ['EADDRNOTAVAIL', 'no address of this machine'],
]);

export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly listener: ListenerName;
  readonly address: ListenAddress;
  /** The system's, such as `EADDRINUSE`. */
  readonly code: string;

  /** @param cause the system's error */
  constructor(listener: ListenerName, address: ListenAddress, cause: Error & { readonly code: unknown }) {
    super(cause.message, { cause });
    this.listener = listener;
    this.address = address;
    this.code = String(cause.code);
  }

  /** @param source where the address was set, such as a flag */
  describe(source: string): string {
    const words = WORDS.get(this.code);
    const problem = words === undefined ? this.message : `${words} (${this.code})`;
    return `${source} ${formatAddress(this.address)}: ${problem}`;
  }
}

/** Reads the value of `push_wake` (spec section 10). */
import { MAX_TOKEN_LENGTH, MAX_WAKE_BYTES } from './limits.ts';

/** What is wrong with a wake that is never admitted, whenever it comes. */
export type WakeFault = 'malformed' | 'platform' | 'empty_token' | 'long_token';

export type ReadWake = { readonly token: string } | { readonly fault: WakeFault };

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** A missing or null member counts as empty, as in Go. Undefined for another type. */
const textOf = (holder: object, key: string): string | undefined => {
  const value: unknown = Object.hasOwn(holder, key) ? Reflect.get(holder, key) : '';
  return value === null ? '' : typeof value === 'string' ? value : undefined;
};

/**
 * @param value one JSON value
 * @param platform the one that there is a provider for
 */
export const readWake = (value: Uint8Array, platform: string): ReadWake => {
  if (value.length > MAX_WAKE_BYTES) return { fault: 'malformed' };
  const wake: unknown = JSON.parse(decoder.decode(value));
  if (typeof wake !== 'object' || wake === null || Array.isArray(wake)) return { fault: 'malformed' };
  const [named, token] = [textOf(wake, 'platform'), textOf(wake, 'token')];
  if (named === undefined || token === undefined) return { fault: 'malformed' };
  if (named !== platform) return { fault: 'platform' };
  if (token === '') return { fault: 'empty_token' };
  return token.length > MAX_TOKEN_LENGTH ? { fault: 'long_token' } : { token };
};

/** A flag of a command that takes all flags of the daemon as well. */
import { ConfigError, quote } from './config-error.ts';

export interface TakenFlag<T extends string> {
  readonly value: T;
  /** The other arguments. */
  readonly rest: readonly string[];
}

/**
 * @param fallback one of `values`
 * @throws ConfigError for another value, or none
 */
export const takeOwnFlag = <T extends string>(
  args: readonly string[],
  flag: string,
  values: readonly T[],
  fallback: T,
): TakenFlag<T> => {
  const forms = new Set([`--${flag}`, `-${flag}`]);
  const at = args.findIndex((argument) => forms.has(argument.split('=')[0] ?? ''));
  const given = args[at];
  if (given === undefined) return { value: fallback, rest: args };
  const isInline = given.includes('=');
  const text = isInline ? given.slice(given.indexOf('=') + 1) : args[at + 1];
  const value = values.find((each) => each === text);
  if (value === undefined) {
    const shown = text === undefined ? 'nothing' : quote(text);
    throw new ConfigError(`--${flag} takes ${values.join(' or ')}, not ${shown}`);
  }
  return { value, rest: args.filter((_, index) => index !== at && (isInline || index !== at + 1)) };
};

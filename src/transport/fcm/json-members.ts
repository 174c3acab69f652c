/** Reads members of JSON that a peer sent. */

/** Undefined if there is no object, or none of this name in it. */
export const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? // An object may be asked for any name.
      (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

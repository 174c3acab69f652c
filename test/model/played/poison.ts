/** What a test sends to make the relay fail. */

/** A close code of which the server chart throws. */
export const POISONED_CODE = 4998;
/** A message of a binary that cannot be read, nor held. */
export const POISON = '"poison"';

/** @throws for poison */
export const throwIfPoisoned = (met: Buffer | string): void => {
  if ([POISON, String(POISONED_CODE)].includes(met.toString())) throw new Error('poisoned');
};

/** Packages that npm may have left out (`--omit=optional`): each is imported when what needs it is switched on. */

/** An optional package is not installed. */
export class PackageMissing extends Error {
  override readonly name = 'PackageMissing';
}

/**
 * @param load a dynamic import, written out, so that its types are known
 * @throws PackageMissing
 */
export const loadOptional = async <T>(name: string, load: () => Promise<T>): Promise<T> => {
  try {
    return await load();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')
      throw new PackageMissing(`${name} is not installed`);
    throw error;
  }
};

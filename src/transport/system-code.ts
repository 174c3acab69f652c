/** System codes of errors, such as ECONNREFUSED or CERT_HAS_EXPIRED: the part of an error that holds no text of a peer. */

const hasCode = (error: unknown): error is { readonly code: unknown } =>
  error instanceof Error && 'code' in error;

export const systemCodeOf = (error: unknown): string | undefined => {
  const code = hasCode(error) ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : undefined;
};

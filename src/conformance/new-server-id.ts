import { randomBytes } from 'node:crypto';

/** Random, so that it never collides with a real binary's id: the target may be in use. */
export const newServerId = (): string => `conformance-${randomBytes(8).toString('hex')}`;

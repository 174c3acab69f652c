/** Tells a target that has ended from one that does something wrong. */
import { newServerId } from './new-server-id.ts';
import type { DialOptions } from './wire-handshake.ts';
import { WirePeer } from './wire-peer.ts';

/** What is wrong with each path that was under way when it ended, and why the others are not tried. */
export const GONE = 'the target no longer listens';

/** For one dial. A target that is only slow has not ended. */
const ANSWER_MS = 5_000;

/** Whether its port refuses connections. It has answered before, so it has crashed or was stopped. */
export const isGone = async ({ base, trusted }: Pick<DialOptions, 'base' | 'trusted'>): Promise<boolean> => {
  try {
    const phone = await WirePeer.dial({
      base,
      trusted,
      role: 'phone',
      serverId: newServerId(),
      patienceMs: ANSWER_MS,
      retries: false,
    });
    phone.drop();
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
  }
};

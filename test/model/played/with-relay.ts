/** A relay whose charts are watched. */
import type { RelayOptions } from '../../../src/relay.ts';
import { TestRelay } from '../../support/relay.ts';
import { type Delays, startWatched } from '../watched-root.ts';

/** @param delays as for `startWatched` */
export const withRelay = async (
  options: RelayOptions,
  delays: Delays,
  play: (relay: TestRelay) => Promise<void>,
): Promise<void> => {
  const relay = await startWatched(delays, async () => await TestRelay.start(options));
  try {
    await play(relay);
  } finally {
    await relay.dispose();
  }
};

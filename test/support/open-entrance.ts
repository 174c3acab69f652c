/** An entrance that lets everybody in. */
import { Entrance } from '../../src/admission/entrance.ts';
import { TrustedProxies } from '../../src/admission/trusted-proxies.ts';
import { UnfinishedConnections } from '../../src/transport/unfinished-connections.ts';

export const openToAll = (): { readonly entrance: Entrance; readonly unfinished: UnfinishedConnections } => {
  const proxies = TrustedProxies.of([]);
  if (proxies === undefined) throw new Error('an empty list is a list');
  return {
    entrance: new Entrance(
      {
        trust: { proxies, isEverybodyTrusted: false },
        rate: { burst: 0, everyMs: 1 },
        caps: { maxConnections: 1_000, maxPerSubscriber: 0, reservedPercent: { binary: 0, phone: 0 } },
        tokens: null,
      },
      () => performance.now(),
    ),
    unfinished: new UnfinishedConnections({
      deadlineMs: 60_000,
      maxConnections: () => 1_000,
      onEnded: () => {},
    }),
  };
};

/** The settings that this machine decides, where the operator does not. */
import { memoryBudget } from './admission/memory-budget.ts';
import { challengeAddress } from './config/acme-rules.ts';
import type { Derived } from './config/effective-settings.ts';
import { formatSize } from './config/quantities.ts';
import type { Config, SettingName } from './config/settings.ts';
import { httpsAddress } from './config/tls-rules.ts';
import { capOf, machine } from './entrance.ts';
import { formatAddress, type ListenAddress } from './transport/listening.ts';

const address = (found: ListenAddress | null, reason: string): Derived | undefined =>
  found === null ? undefined : { text: formatAddress(found), reason };

/** What would be in force, for the settings that are not given. */
export const derivedSettings = (config: Config): ReadonlyMap<SettingName, Derived> => {
  const found = machine();
  const { maxConnections, reason } = capOf(config, found);
  const memory = memoryBudget(config, found.memoryBytes);
  const of = `of ${Math.floor(found.memoryBytes / 1024 ** 2)} MiB of memory`;
  const all: readonly (readonly [SettingName, Derived | undefined])[] = [
    ['httpsListen', address(httpsAddress(config), 'default with a certificate')],
    ['httpListen', address(challengeAddress(config), 'default with --domain')],
    ['maxConnections', { text: String(maxConnections), reason }],
    ['totalBacklogBytes', { text: formatSize(memory.totalBacklogBytes), reason: `a quarter ${of}` }],
    ['memoryWatermarkBytes', { text: formatSize(memory.watermarkBytes), reason: `85 % ${of}` }],
  ];
  return new Map(all.filter((entry): entry is [SettingName, Derived] => entry[1] !== undefined));
};

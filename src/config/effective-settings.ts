/** What a start would use: each setting, and who has set it. */
import { formatAddress } from '../transport/listening.ts';
import { formatDuration, formatSize } from './quantities.ts';
import type { RunCommand } from './read-config.ts';
import { type Config, type SettingName, settingNames, settings } from './settings.ts';

export interface EffectiveSetting {
  readonly flag: string;
  /** As its flag takes it; null if it is off, not set, or a secret. */
  readonly text: string | null;
  /** `--grace`, `PYRYCODE_RELAY_GRACE`, `relay.toml:3: grace`, `default`, or how it was derived. */
  readonly source: string;
  /** Whether anybody has set it. */
  readonly isGiven: boolean;
}

/** A value that the settings leave open, and why it is this one. */
export interface Derived {
  readonly text: string;
  readonly reason: string;
}

const numberText = (value: number, placeholder: string | undefined): string => {
  if (placeholder === 'DURATION') return formatDuration(value);
  return placeholder === 'SIZE' ? formatSize(value) : String(value);
};

const textOf = (name: SettingName, value: Config[SettingName]): string | null => {
  if (value === null || (Array.isArray(value) && value.length === 0)) return null;
  if (typeof value === 'number') return numberText(value, settings[name].placeholder);
  if (typeof value === 'string' || typeof value === 'boolean') return String(value);
  if ('host' in value) return formatAddress(value);
  if ('file' in value) return value.file;
  // A key in a variable is not shown.
  return 'json' in value ? null : value.join(',');
};

/** In the order of `help all`. */
export const effectiveSettings = (
  { config, given }: RunCommand,
  derived: ReadonlyMap<SettingName, Derived>,
): readonly EffectiveSetting[] =>
  settingNames.map((name) => {
    const { flag } = settings[name];
    const text = textOf(name, config[name]);
    const found = given.has(flag) || text !== null ? undefined : derived.get(name);
    if (found !== undefined) return { flag, text: found.text, source: found.reason, isGiven: false };
    return { flag, text, source: given.get(flag) ?? 'default', isGiven: given.has(flag) };
  });

/**
 * Every setting of the relay. Flags, environment variables, the configuration file, defaults, `--help`, `docs/configuration.md` and
 * the options of `createRelay` all come from these tables.
 */
import { acmeSettings } from './acme-settings.ts';
import { addressSettings } from './address-settings.ts';
import { admissionSettings } from './admission-settings.ts';
import { limitSettings } from './limit-settings.ts';
import { listenerSettings } from './listener-settings.ts';
import { memorySettings } from './memory-settings.ts';
import { programSettings } from './program-settings.ts';
import { pushSettings } from './push-settings.ts';
import type { Setting } from './setting-kinds.ts';
import { timeSettings } from './time-settings.ts';
import { tlsSettings } from './tls-settings.ts';

/** In the order of `--help`. */
export const settingGroups = new Map<string, Readonly<Record<string, Setting<unknown>>>>([
  ['Listeners', listenerSettings],
  ['TLS', { ...tlsSettings, ...acmeSettings }],
  ['Addresses', addressSettings],
  ['Admission', admissionSettings],
  ['Limits', limitSettings],
  ['Memory', memorySettings],
  ['Push', pushSettings],
  ['Time', timeSettings],
  ['Program', programSettings],
]);

export const settings = {
  ...listenerSettings,
  ...tlsSettings,
  ...acmeSettings,
  ...addressSettings,
  ...admissionSettings,
  ...limitSettings,
  ...memorySettings,
  ...pushSettings,
  ...timeSettings,
  ...programSettings,
} as const;

export type SettingName = keyof typeof settings;

type ValueOf<S extends Pick<Setting<unknown>, 'check'>> = Exclude<ReturnType<S['check']>, undefined>;

/** All settings, with their values. Durations are in milliseconds, sizes in bytes. */
export type Config = { readonly [N in SettingName]: ValueOf<(typeof settings)[N]> };

/** Settings as a program passes them. Undefined means absent. */
export type ConfigOptions = { readonly [N in SettingName]?: Config[N] | undefined };

export const settingNames = Object.keys(settings) as SettingName[]; // The keys are exactly those of the literal above.

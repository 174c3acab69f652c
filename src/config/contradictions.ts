/** Settings that are good each, but not together. */
import { type Config, settings } from './settings.ts';

/** The flag with its value. */
const shown = (name: 'reservedBinaries' | 'reservedPhones', config: Config): string =>
  `--${settings[name].flag} ${config[name]}`;

/** One line that names both flags; undefined if all go together. */
export const contradiction = (config: Config): string | undefined => {
  if (config.reservedBinaries + config.reservedPhones > 100) {
    const [binaries, phones] = [shown('reservedBinaries', config), shown('reservedPhones', config)];
    return `${binaries} and ${phones} are more than 100 per cent together`;
  }
  return undefined;
};

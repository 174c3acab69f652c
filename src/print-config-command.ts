/** `pyrycode-relay print-config`: what a start with the same flags and environment would use. */
import { effectiveSettings } from './config/effective-settings.ts';
import { loadCommand } from './config/load-command.ts';
import { takeOwnFlag } from './config/own-flag.ts';
import { asJson, asToml } from './config/print-config.ts';
import { derivedSettings } from './derived-settings.ts';

export const PRINT_CONFIG_HELP = `Usage: pyrycode-relay print-config [--format toml|json] [flags of the relay]

Prints every setting with its value and where that comes from: the flag, the variable, the line of the file, or the default. Nothing is
started. No secret is among them: files are named, not shown.

  --format FORMAT   toml, which is also a file for --config, or json (toml)
  --help            print this

Exit: 0, or 2 when a setting is wrong; check-config names all that are.
`;

/** @returns the exit code */
export const printConfig = async (args: readonly string[]): Promise<number> => {
  const { value: format, rest } = takeOwnFlag(args, 'format', ['toml', 'json'], 'toml');
  const command = await loadCommand(rest, process.env);
  if (command.kind !== 'run') {
    process.stdout.write(PRINT_CONFIG_HELP);
    return 0;
  }
  const effective = effectiveSettings(command, derivedSettings(command.config));
  process.stdout.write(format === 'json' ? asJson(effective) : asToml(effective));
  return 0;
};

/** `pyrycode-relay check-config`: everything that a start checks, all faults at once, and nothing is started. */
import { requireAcme } from './acme.ts';
import { checkBoot } from './boot/check-boot.ts';
import { ignoredSettings } from './boot/ignored-settings.ts';
import { readFacts } from './boot/read-facts.ts';
import { ConfigError, SettingError } from './config/config-error.ts';
import { loadCommand } from './config/load-command.ts';
import type { RunCommand } from './config/read-config.ts';
import { readTokenFile } from './config/token-file.ts';
import { readFcm } from './push.ts';
import { checkTlsFiles } from './tls.ts';

export const CHECK_CONFIG_HELP = `Usage: pyrycode-relay check-config [flags of the relay]

Checks what a start would check: flags, environment, configuration file, what goes together, privileges, and the files that are named.
Nothing is bound, and no file is written. Run it as the user that runs the relay, or it sees other rights.

  --help   print this

Exit: 0 when a start would get as far as binding its addresses, 2 with each fault on a line of its own.
`;

/** What `check` throws, if it is about a setting. */
const faultOf = async (check: () => Promise<unknown>): Promise<ConfigError | undefined> => {
  try {
    await check();
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error;
  }
};

const checkFiles = async ({ config, given }: RunCommand): Promise<ConfigError[]> => {
  const { binaryTokens } = config;
  const found = await Promise.all([
    faultOf(async () => await checkTlsFiles(config)),
    faultOf(async () => await requireAcme(config)),
    faultOf(async () => await readFcm(config)),
    faultOf(async () => binaryTokens !== null && (await readTokenFile(binaryTokens))),
  ]);
  return found
    .filter((fault) => fault !== undefined)
    .map((fault) => (fault instanceof SettingError ? fault.asGiven(given) : fault));
};

/** @returns the exit code */
export const checkConfig = async (args: readonly string[]): Promise<number> => {
  const faults: ConfigError[] = [];
  const note = (fault: ConfigError): void => void faults.push(fault);
  const command = await loadCommand(args, process.env, note);
  if (command.kind !== 'run') {
    process.stdout.write(CHECK_CONFIG_HELP);
    return 0;
  }
  const warnings = checkBoot(command, readFacts(process.env), note, faults.length === 0);
  faults.push(...(await checkFiles(command)));
  for (const warning of warnings) process.stdout.write(`warning: more privileges than needed: ${warning}\n`);
  for (const ignored of ignoredSettings(command.given, process.env))
    process.stdout.write(`warning: setting ignored: ${ignored}\n`);
  for (const { message } of faults) process.stderr.write(`pyrycode-relay: ${message}\n`);
  if (faults.length > 0) return 2;
  process.stdout.write('the configuration is good\n');
  return 0;
};

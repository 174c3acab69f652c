/** The command line, the environment, and the file that they name. */
import { ConfigError, type Report, throwFault } from './config-error.ts';
import {
  type Command,
  configFileOf,
  type Env,
  type FileSettings,
  type NamedFile,
  readCommand,
} from './read-config.ts';

/** A file that cannot be read is reported like what is wrong in it. */
const readFile = async (file: NamedFile, report: Report): Promise<FileSettings> => {
  const { readConfigFile } = await import('./config-file.ts');
  return await readConfigFile(file, report).catch((error: unknown) => {
    if (!(error instanceof ConfigError)) throw error;
    report(error);
    return new Map();
  });
};

/** @throws ConfigError before anything has started, unless faults are reported elsewhere */
export const loadCommand = async (
  args: readonly string[],
  env: Env,
  report: Report = throwFault,
): Promise<Command> => {
  // Faults of the command line are reported when it is read as a whole.
  const file = configFileOf(args, env, report === throwFault ? throwFault : () => {});
  return readCommand(args, env, file === undefined ? new Map() : await readFile(file, report), report);
};

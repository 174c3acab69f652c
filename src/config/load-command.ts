/** The command line, the environment, and the file that they name. */
import { type Command, configFileOf, type Env, readCommand } from './read-config.ts';

/** @throws ConfigError before anything has started */
export const loadCommand = async (args: readonly string[], env: Env): Promise<Command> => {
  const file = configFileOf(args, env);
  if (file === undefined) return readCommand(args, env);
  const { readConfigFile } = await import('./config-file.ts');
  return readCommand(args, env, await readConfigFile(file));
};

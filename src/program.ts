/** What the command line asks for: the daemon, or one of the commands beside it, each loaded only when it is asked for. */
import { checkBoot } from './boot/check-boot.ts';
import { ignoredSettings } from './boot/ignored-settings.ts';
import { readFacts } from './boot/read-facts.ts';
import { ConfigError, quote } from './config/config-error.ts';
import { helpText } from './config/help.ts';
import { helpOn } from './config/help-topics.ts';
import { loadCommand } from './config/load-command.ts';
import { nearestFlag } from './config/nearest-flag.ts';
import { endBySignal, onSignal } from './signals.ts';
import { VERSION } from './version.ts';

/** What the daemon needs has been checked. */
const load = async (args: readonly string[]) => {
  const command = await loadCommand(args, process.env);
  if (command.kind !== 'run') return command;
  const warnings = checkBoot(command, readFacts(process.env));
  return { ...command, warnings, ignored: ignoredSettings(command.given, process.env) };
};

/** Each resolves to its exit code. */
const COMMANDS: ReadonlyMap<string, (args: readonly string[]) => Promise<number>> = new Map([
  [
    'conformance',
    async (args) => await (await import('./conformance/conformance-command.ts')).conformance(args),
  ],
  ['check-config', async (args) => await (await import('./check-config-command.ts')).checkConfig(args)],
  ['print-config', async (args) => await (await import('./print-config-command.ts')).printConfig(args)],
  ['healthcheck', async (args) => await (await import('./probe/healthcheck-command.ts')).healthcheck(args)],
  ['probe', async (args) => await (await import('./probe/probe-command.ts')).probe(args)],
  ['record', async (args) => await (await import('./inspect/record-command.ts')).record(args)],
  ['replay', async (args) => await (await import('./inspect/replay-command.ts')).replay(args)],
  ['token', async (args) => (await import('./config/token-command.ts')).token(args)],
  ['charts', async (args) => await (await import('./conformance/charts-command.ts')).charts(args)],
  ['paths', async (args) => (await import('./conformance/paths-command.ts')).paths(args)],
]);

const HELP: ReadonlySet<string | undefined> = new Set(['help', '--help', '-help', '-h']);

/** `| head` closes its end when it has seen enough; a disk that is full is an error. */
const ignoreClosedPipe = (error: Error): void => {
  if ('code' in error && error.code === 'EPIPE') return;
  process.stderr.write(`pyrycode-relay: stdout: ${error.message}\n`, () => process.exit(1));
};

/**
 * @returns the exit code; the daemon ends the process itself, with its own
 * @throws ConfigError when the command line or the environment is wrong; a topic that there is no help on
 */
export const runProgram = async (args: readonly string[]): Promise<number> => {
  const [first, second, ...more] = args;
  // What people try first: words for the flags that every program has.
  if (first === 'help' && second !== undefined && COMMANDS.has(second))
    return await runProgram([second, '--help']);
  const topic = HELP.has(first) && more.length === 0 ? helpOn(second ?? '') : undefined;
  if (topic !== undefined) {
    process.stdout.on('error', ignoreClosedPipe);
    process.stdout.write(topic);
    return 0;
  }
  if (first === 'help') {
    if (second !== undefined && !HELP.has(second) && second !== 'version')
      throw new ConfigError(`there is no command, group or flag ${quote(second)}; see help`);
    return await runProgram(['--help']);
  }
  if (first === 'version') return await runProgram(['--version']);
  const command = first === undefined ? undefined : COMMANDS.get(first);
  if (command !== undefined) {
    onSignal(endBySignal);
    process.stdout.on('error', ignoreClosedPipe);
    return await command(args.slice(1));
  }
  if (first !== undefined && !first.startsWith('-')) {
    const meant = nearestFlag(first, COMMANDS.keys());
    if (meant !== undefined)
      throw new ConfigError(`there is no command ${quote(first)} (did you mean ${meant}?)`);
  }
  const asked = await load(args);
  if (asked.kind === 'help') process.stdout.write(helpText());
  else if (asked.kind === 'version') process.stdout.write(`${VERSION}\n`);
  else {
    const readAgain = async () => {
      const again = await load(args);
      // The arguments are the same, so it asks for the same.
      return again.kind === 'run' ? again : asked;
    };
    await (await import('./daemon.ts')).runDaemon(asked, readAgain);
  }
  return 0;
};

/** `pyrycode-relay conformance URL`: holds a running relay against the paths of the server chart. */
import { writeFile } from 'node:fs/promises';
import { ConfigError } from '../config/read-config.ts';
import { MAX_CLAIMANTS } from '../protocol/limits.ts';
import { modelPaths } from './model.ts';
import { CONFORMANCE_HELP, type ConformanceOptions, readConformance } from './options.ts';
import { Progress } from './progress.ts';
import { failureLines, skipLines, summarize, summaryLine, toJson, toJunit } from './report.ts';
import { newServerId, type Outcome, runPaths } from './run-paths.ts';
import { WirePeer } from './wire-peer.ts';

/** @throws ConfigError when nothing there speaks the wire: then no path would say anything */
const assertAnswers = async ({ base, patienceMs }: ConformanceOptions): Promise<void> => {
  try {
    const phone = await WirePeer.dial({ base, role: 'phone', serverId: newServerId(), patienceMs });
    phone.drop();
  } catch (error) {
    const why = error instanceof Error ? error.message || error.name : 'no answer';
    throw new ConfigError(`${base} does not answer as a relay: ${why}`);
  }
};

const choosePaths = ({ cover, maxPhones, only }: ConformanceOptions) => {
  const paths = modelPaths({ maxPhones, cover });
  if (only === undefined) return paths;
  const chosen = [...paths, ...modelPaths({ maxPhones, cover: 'pairs' })].find(({ id }) => id === only);
  if (chosen === undefined) {
    throw new ConfigError(
      `--only ${only}: there is no such path with --max-phones ${maxPhones}; see pyrycode-relay paths`,
    );
  }
  return [chosen];
};

/** @returns the exit code */
export const conformance = async (args: readonly string[]): Promise<number> => {
  const options = readConformance(args);
  if (options === undefined) {
    process.stdout.write(CONFORMANCE_HELP);
    return 0;
  }
  const paths = choosePaths(options);
  await assertAnswers(options);
  const limits = { maxPhones: options.maxPhones, maxLine: MAX_CLAIMANTS };
  const outcomes: Outcome[] = [];
  const progress = new Progress(paths.length, process.stderr);
  await runPaths(paths, { ...options, limits }, (outcome) => {
    outcomes.push(outcome);
    progress.advance(outcome.kind === 'failed');
  });
  progress.end();
  if (options.json !== undefined) await writeFile(options.json, toJson(outcomes));
  if (options.junit !== undefined) await writeFile(options.junit, toJunit(outcomes));
  for (const line of [...failureLines(outcomes), ...skipLines(outcomes)]) process.stdout.write(`${line}\n`);
  process.stdout.write(`${summaryLine(outcomes)}\n`);
  return summarize(outcomes).failed > 0 ? 1 : 0;
};

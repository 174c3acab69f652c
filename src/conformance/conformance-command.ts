/** `pyrycode-relay conformance URL`: tests a running relay against the paths of the server chart. */
import { ConfigError } from '../config/read-config.ts';
import { checkWritable, writeResult } from '../config/result-file.ts';
import { MAX_CLAIMANTS } from '../protocol/limits.ts';
import { visibleText } from '../protocol/visible-text.ts';
import type { Outcome } from './attempt-path.ts';
import { isMistrust, readTrusted } from './certificates.ts';
import { type Check, checkLines } from './check.ts';
import { CONFORMANCE_HELP, type ConformanceOptions, readConformance } from './conformance-options.ts';
import { prepareCoverage, writeCoverage } from './coverage-files.ts';
import { QUESTIONS } from './differences/all-differences.ts';
import { askDifferences } from './differences/ask-differences.ts';
import type { Asked } from './differences/difference.ts';
import { failureLines } from './failure-kinds.ts';
import { modelPaths } from './model.ts';
import { newServerId } from './new-server-id.ts';
import { Progress } from './progress.ts';
import {
  failuresOf,
  inconclusiveLines,
  skipLines,
  summarize,
  summaryLine,
  toJson,
  toJunit,
} from './report.ts';
import { endedTarget, runPaths } from './run-paths.ts';
import { GONE } from './target-gone.ts';
import { ALWAYS_MEASURED } from './timers/measure-timers.ts';
import { runTimers } from './timers/run-timers.ts';
import { TIMER_NAMES, type TimerName } from './timers/timer-span.ts';
import { LIMITED } from './wire-handshake.ts';
import { WirePeer } from './wire-peer.ts';

/** Timeout for the 4404 that a phone of an unknown server-id gets. A relay sends it at once. */
const ANSWER_MS = 5_000;

/** Exit code when nothing failed and something could not be judged. */
const INCONCLUSIVE = 3;

type Target = ConformanceOptions & { readonly trusted: readonly string[] | undefined };

/** @throws ConfigError if the address does not answer as a relay, because every path would then fail for that reason */
const assertIsRelay = async ({ base, patienceMs, trusted }: Target): Promise<void> => {
  let got: string;
  try {
    const phone = await WirePeer.dial({ base, role: 'phone', serverId: newServerId(), patienceMs, trusted });
    const close = await phone.close(ANSWER_MS);
    phone.drop();
    if (close?.code === 4404) return;
    got = close === undefined ? 'open' : String(close.code);
  } catch (error) {
    const message = error instanceof Error ? error.message || error.name : 'no answer';
    const why = isMistrust(error) ? `${message}; --ca FILE trusts a certificate of your own` : message;
    const line = visibleText(why.trim().replaceAll(/\s+/g, ' '));
    throw new ConfigError(`${base} does not answer as a relay: ${line}`);
  }
  throw new ConfigError(
    `${base} does not answer as a relay: a phone of an unknown server-id expected 4404, got ${got}`,
  );
};

/** Before the run, so that an unwritable file fails at once. */
const checkResult = async (
  flag: string,
  path: string | undefined,
  check: (path: string) => Promise<void> = checkWritable,
): Promise<void> => {
  try {
    if (path !== undefined) await check(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new ConfigError(`--${flag} ${path} cannot be written: ${code}`);
  }
};

const choosePaths = ({ cover, maxPhones, only }: ConformanceOptions) => {
  const paths = modelPaths({ maxPhones, cover });
  if (only === undefined) return paths;
  const chosen = [...paths, ...modelPaths({ maxPhones, cover: 'pairs' })].find(({ id }) => id === only);
  if (chosen === undefined) {
    throw new ConfigError(
      `--only ${only}: there is no path, timer or difference of this id with --max-phones ${maxPhones}; see pyrycode-relay paths`,
    );
  }
  return [chosen];
};

/** With `--only`, that timer or none. */
const chooseTimers = ({ only, measuresAll }: ConformanceOptions): ReadonlySet<TimerName> =>
  new Set(
    TIMER_NAMES.filter((name) =>
      only === undefined ? measuresAll || ALWAYS_MEASURED.has(name) : only === name,
    ),
  );

/** With `--only`, that question or none. */
const chooseQuestions = ({ only, asksDifferences }: ConformanceOptions): readonly Asked[] =>
  QUESTIONS.filter(({ id }) => (only === undefined ? asksDifferences : only === id));

/** @returns the exit code */
export const conformance = async (args: readonly string[]): Promise<number> => {
  const options = readConformance(args);
  if (options === undefined) {
    process.stdout.write(CONFORMANCE_HELP);
    return 0;
  }
  const timers = chooseTimers(options);
  const questions = chooseQuestions(options);
  const isCheckOnly = options.only !== undefined && timers.size + questions.length > 0;
  const paths = isCheckOnly ? [] : choosePaths(options);
  const trusted = options.caFile === undefined ? undefined : await readTrusted(options.caFile);
  const target = { ...options, trusted };
  await assertIsRelay(target);
  await checkResult('json', options.json);
  await checkResult('junit', options.junit);
  await checkResult('coverage', options.coverage, prepareCoverage);
  const limits = { maxPhones: options.maxPhones, maxLine: MAX_CLAIMANTS };
  const outcomes: Outcome[] = [];
  const progress = new Progress(paths.length, process.stderr);
  let isLimited = false;
  const onLimited = (): void => {
    if (!isLimited) process.stderr.write(`${LIMITED}\n`);
    isLimited = true;
  };
  const { grace: graceMs, 'probe-timeout': probeTimeoutMs } = options.lengths;
  await runPaths(paths, { ...target, graceMs, probeTimeoutMs, limits, onLimited }, (outcome) => {
    outcomes.push(outcome);
    progress.advance(outcome.kind === 'failed');
  });
  const isGone = outcomes.some(endedTarget);
  const checks: Check[] = [];
  if (!isGone) {
    // After the paths: their load would make every timer look long.
    progress.enter('then timers');
    checks.push(...(await runTimers({ ...target, timers, onLimited })));
    checks.push(...(await askDifferences(questions, options.profile, { ...target, onLimited })));
  }
  progress.end();
  const lines = [
    ...failureLines(failuresOf(outcomes)),
    ...inconclusiveLines(outcomes),
    ...skipLines(outcomes),
    ...(isGone && timers.size + questions.length > 0 ? [`SKIP timers and differences: ${GONE}`] : []),
    ...checkLines(checks),
  ];
  const summary = summarize(outcomes, checks);
  for (const line of lines) process.stdout.write(`${line}\n`);
  process.stdout.write(`${summaryLine(summary)}\n`);
  if (options.json !== undefined) await writeResult(options.json, toJson(outcomes, checks));
  if (options.junit !== undefined) await writeResult(options.junit, toJunit(outcomes, checks));
  if (options.coverage !== undefined) {
    const passed = outcomes.flatMap(({ kind, path }) => (kind === 'passed' ? [path] : []));
    process.stdout.write(`${await writeCoverage(options.coverage, passed, options.maxPhones)}\n`);
  }
  const { failed, inconclusive } = summary;
  if (failed > 0) return 1;
  return inconclusive > 0 ? INCONCLUSIVE : 0;
};

/** `pyrycode-relay probe URL`: whether a relay does what its users need, seen from where they are. */
import { setTimeout as pause } from 'node:timers/promises';
import { ConfigError } from '../config/config-error.ts';
import { checkWritable, writeResult } from '../config/result-file.ts';
import { readTrusted } from '../conformance/certificates.ts';
import { PROBE_HELP, type ProbeOptions, readProbe } from './probe-options.ts';
import { readProbeToken } from './probe-token.ts';
import { roundJson, roundLine, roundText } from './round-report.ts';
import { roundSeries } from './round-series.ts';
import { type Round, runRound } from './run-round.ts';

/** Read by node_exporter, which is another user; no secret is in it. */
const OUT_MODE = 0o644;

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';

/** @throws ConfigError, so that an unwritable file fails at once */
const checkOut = async (out: string | undefined): Promise<void> => {
  try {
    if (out !== undefined) await checkWritable(out);
  } catch (error) {
    throw new ConfigError(`--out ${out} cannot be written: ${codeOf(error)}`);
  }
};

/** Credentials in an address stay out of what is printed. */
const shownTarget = (base: string): string => {
  const { protocol, host, pathname } = new URL(base);
  return `${protocol}//${host}${pathname.replace(/\/+$/, '')}`;
};

const textOf = (target: string, round: Round, { format, everyMs }: ProbeOptions): string => {
  switch (format) {
    case 'json':
      return roundJson(target, round);
    case 'prometheus':
      return roundSeries(target, round);
    case 'text':
      return everyMs === undefined ? roundText(target, round) : roundLine(round);
  }
};

/** A full disk does not end a probe that goes on: what reads the file sees by its timestamp that it is old. */
const publish = async (target: string, round: Round, options: ProbeOptions): Promise<void> => {
  process.stdout.write(textOf(target, round, options));
  if (options.out === undefined) return;
  try {
    await writeResult(options.out, roundSeries(target, round), OUT_MODE);
  } catch (error) {
    const problem = `--out ${options.out} cannot be written: ${codeOf(error)}`;
    if (options.everyMs === undefined) throw Object.assign(new Error(problem), { code: codeOf(error) });
    process.stderr.write(`pyrycode-relay: ${problem}\n`);
  }
};

/** @returns the exit code; never with `--every`, until nobody reads what it writes */
export const probe = async (args: readonly string[]): Promise<number> => {
  const options = readProbe(args, process.env);
  if (options === undefined) {
    process.stdout.write(PROBE_HELP);
    return 0;
  }
  const trusted = options.caFile === undefined ? undefined : await readTrusted(options.caFile);
  const relayToken = await readProbeToken(options.tokenFile, options.token);
  await checkOut(options.out);
  const { everyMs } = options;
  // The stream itself does not say so afterwards.
  let isUnread = false;
  process.stdout.on('error', () => {
    isUnread = true;
  });
  const shown = shownTarget(options.target.base);
  for (;;) {
    const startedAt = performance.now();
    const round = await runRound({ ...options.target, trusted, relayToken });
    await publish(shown, round, options);
    if (everyMs === undefined || (isUnread && options.out === undefined)) return round.isGood ? 0 : 1;
    await pause(Math.max(startedAt + everyMs - performance.now(), 0));
  }
};

/** `conformance --coverage DIR`: what the paths that passed have exercised of the server chart, as text, JSON and a page. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkWritable, writeResult } from '../config/result-file.ts';
import { serverMachine } from '../machines/server-machine.ts';
import { possiblePairs } from '../testing/chart-coverage.ts';
import { coveragePage } from '../testing/coverage-page.ts';
import {
  coverageJson,
  coverageText,
  type PairException,
  reportCoverage,
} from '../testing/coverage-report.ts';
import { makeFolder } from '../transport/make-folder.ts';
import type { Path } from './covers.ts';
import { MOST_PHONES_UNCAPPED, SHORT_LINE } from './model.ts';
import { PAIR_EXCEPTIONS } from './pair-exceptions.ts';
import { coverageOf } from './path-coverage.ts';
import { exploreServer } from './server-graph.ts';

const SIGNAL = 'needs a signal to the target';
const INNER = 'no event on the wire: the chart hears of it when a socket has ended';
const RACE = 'a race that no peer can force: the connection was let go while its own event was on its way';

/** What no path shows, whatever the target. */
const COVERAGE_EXCEPTIONS: Readonly<Record<string, string>> = {
  'server.unclaimed on drain [0] → server.released': SIGNAL,
  'server.claimed.held on drain [0] → server.released': SIGNAL,
  'server.claimed.held.probing on drain [0] → server.released': SIGNAL,
  'server.claimed.grace on drain [0] → server.released': SIGNAL,
  'server.claimed.held on phone.ended [0] → itself': INNER,
  'server.claimed.grace on phone.ended [0] → itself': INNER,
  'server.claimed.held on phone.ended [0] registeredUnderThisBinary: holds': INNER,
  'server.claimed.grace on phone.ended [0] registeredUnderThisBinary: holds': INNER,
  'server.claimed.held on phone.ended [0] registeredUnderThisBinary: does not hold': INNER,
  'server.claimed.grace on phone.ended [0] registeredUnderThisBinary: does not hold': INNER,
  'server.claimed on phone.unheard [0] isRegistered: does not hold': RACE,
  'server.claimed.held on binary.left [0] isHolder: does not hold': RACE,
  'server.claimed.held.probing on binary.answered [0] isHolder: does not hold': RACE,
  'server.claimed.held on phone.dismissed [0] isRegistered: does not hold':
    'a path dismisses phones that are connected',
};

const NEEDS_SIGNAL: PairException = {
  reason: SIGNAL,
  holdsFor: (_first, second) => second.includes(' on drain '),
};

const WITHOUT_CAP = 'the target has no cap';
const UNCAPPED_EXCEPTIONS: Readonly<Record<string, string>> = {
  'server.claimed on phone.registered [1] → itself': WITHOUT_CAP,
  'server.claimed on phone.registered [0] hasRoomForPhone: does not hold': WITHOUT_CAP,
};

const NAMES = ['coverage.txt', 'coverage.json', 'coverage.html'] as const;

/**
 * Makes the folder, and finds out early whether the files can be written.
 * @throws the system's error
 */
export const prepareCoverage = async (dir: string): Promise<void> => {
  await makeFolder(dir);
  for (const name of NAMES) await checkWritable(join(dir, name));
};

/** The drawing beside the program, if it is there. */
const readDrawing = async (): Promise<string | undefined> =>
  await readFile(new URL('../../diagrams/server.svg', import.meta.url), 'utf8').catch(() => undefined);

/** @returns the first line of the text, for the terminal */
export const writeCoverage = async (
  dir: string,
  passed: readonly Path[],
  maxPhones: number,
): Promise<string> => {
  const mostPhones = maxPhones > 0 ? maxPhones : MOST_PHONES_UNCAPPED;
  const edges = exploreServer({ maxPhones, mostPhones, mostInLine: SHORT_LINE });
  const report = reportCoverage(coverageOf(passed, maxPhones), {
    exceptions: { ...COVERAGE_EXCEPTIONS, ...(maxPhones > 0 ? {} : UNCAPPED_EXCEPTIONS) },
    pairs: possiblePairs(serverMachine, edges),
    pairExceptions: [...PAIR_EXCEPTIONS, NEEDS_SIGNAL],
  });
  const svg = await readDrawing();
  const page = { machine: serverMachine, report, ...(svg !== undefined && { svg }) };
  const text = coverageText([report]);
  const texts = [
    text,
    coverageJson([report]),
    coveragePage('What the paths that passed have exercised', [page]),
  ];
  for (const [i, name] of NAMES.entries()) await writeResult(join(dir, name), texts[i] ?? '');
  return text.split('\n')[0] ?? '';
};

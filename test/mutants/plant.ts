/** Runs one named test against the source with one fault planted in it. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Patch, ROOT } from '../support/patched-build.ts';

export interface NamedTest {
  readonly file: string;
  /** The titles of its groups and its own, joined by spaces. */
  readonly title: string;
}

/** The outcome of one test. Tests that the titles do not select are `skipped` too. */
export interface TestEnd {
  readonly title: string;
  readonly status: 'passed' | 'failed' | 'skipped';
}

interface Report {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

const VITEST = `${ROOT}node_modules/vitest/vitest.mjs`;

/** The environment, without the variables by which Vitest detects that it runs inside itself. */
const environment = (planted?: Patch): NodeJS.ProcessEnv => {
  const outer = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'));
  return { ...Object.fromEntries(outer), ...(planted && { PLANTED: JSON.stringify(planted) }) };
};

/** @throws if the text to replace does not occur exactly once: then rewrite the fault, do not drop it */
const check = ({ file, find }: Patch): void => {
  const found = readFileSync(`${ROOT}src/${file}`, 'utf8').split(find).length - 1;
  if (found !== 1) throw new Error(`the text to replace occurs ${found} times in ${file}: ${find}`);
};

const quote = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * @param titles the tests to run
 * @throws if the tests could not be run at all
 */
export const runTests = async (
  files: readonly string[],
  titles: readonly string[],
  planted?: Patch,
): Promise<readonly TestEnd[]> => {
  if (planted !== undefined) check(planted);
  const pattern = `^ ?(${titles.map(quote).join('|')})$`;
  const config = 'test/mutants/planted.config.ts';
  const args = ['run', ...files, '--config', config, '--reporter', 'json', '-t', pattern];
  const child = spawn(process.execPath, [VITEST, ...args], { cwd: ROOT, env: environment(planted) });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await new Promise((resolve) => child.on('close', resolve));
  if (!stdout.startsWith('{')) throw new Error(`vitest did not run: ${stdout}${stderr}`);
  const { testResults } = JSON.parse(stdout) as Report; // Vitest's own format.
  const ends = testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ fullName, status }): TestEnd => {
      const hasRun = status === 'passed' || status === 'failed';
      return { title: fullName.trim(), status: hasRun ? status : 'skipped' };
    }),
  );
  if (ends.length === 0) throw new Error(testResults.map(({ message }) => message).join('\n'));
  return ends;
};

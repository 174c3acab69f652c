/** Runs named tests against the source with one fault planted in it. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Inbox } from '../support/inbox.ts';
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

/** What `run-planted.js` answers to a job. */
interface Answer {
  readonly ends: readonly { readonly title: string; readonly status: string }[];
  readonly problems: readonly string[];
}

/** The tests of a job take at most 10 s each, and it has its turn. */
const PATIENCE_MS = 120_000;

/** The environment, without the variables by which Vitest detects that it runs inside itself. */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')));

/** @throws if the text to replace does not occur exactly once: then rewrite the fault, do not drop it */
const check = ({ file, find }: Patch): void => {
  const found = readFileSync(`${ROOT}src/${file}`, 'utf8').split(find).length - 1;
  if (found !== 1) throw new Error(`the text to replace occurs ${found} times in ${file}: ${find}`);
};

const quote = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** A process with one Vitest in it, that runs one job after the other. */
export class Planter {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers = new Inbox<string>('the planter');
  #stderr = '';
  #last: Promise<unknown> = Promise.resolve();

  constructor() {
    const script = new URL('run-planted.js', import.meta.url).pathname;
    this.#child = spawn(process.execPath, [script], { cwd: ROOT, env: environment() });
    this.#child.stderr.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
    // Its end is an answer too, which is not JSON.
    createInterface({ input: this.#child.stdout })
      .on('line', (line) => this.#answers.push(line))
      .on('close', () => this.#answers.push('the planter has ended'));
  }

  /**
   * @param titles the tests to run
   * @throws if the tests could not be run at all
   */
  run(files: readonly string[], titles: readonly string[], planted?: Patch): Promise<readonly TestEnd[]> {
    const ends = this.#last.then(() => this.#runNow(files, titles, planted));
    this.#last = ends.catch(() => {});
    return ends;
  }

  async #runNow(
    files: readonly string[],
    titles: readonly string[],
    planted?: Patch,
  ): Promise<readonly TestEnd[]> {
    if (planted !== undefined) check(planted);
    const pattern = `^ ?(${titles.map(quote).join('|')})$`;
    this.#child.stdin.write(`${JSON.stringify({ files, pattern, planted })}\n`);
    const answer = await this.#answers.next(PATIENCE_MS);
    if (!answer.startsWith('{')) throw new Error(`vitest did not run: ${answer}\n${this.#stderr}`);
    const { ends, problems } = JSON.parse(answer) as Answer; // As `run-planted.js` writes it.
    if (ends.length === 0) throw new Error(problems.join('\n'));
    return ends.map(({ title, status }): TestEnd => {
      const hasRun = status === 'passed' || status === 'failed';
      return { title: title.trim(), status: hasRun ? status : 'skipped' };
    });
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.on('close', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }
}

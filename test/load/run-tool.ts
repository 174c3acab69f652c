/** Runs `npm run load`, `soak` or `fuzz` without npm. */
import { spawn } from 'node:child_process';

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the tools print: each has some of these. */
export interface Result {
  readonly ok: boolean;
  readonly connections: { readonly made: number; readonly failed: number };
  readonly frames: Readonly<Record<string, number>>;
  readonly unclean_closes: number;
  readonly untold_binaries: number;
  readonly happened: Readonly<Record<string, number>>;
  readonly plan: { readonly digest: string };
  readonly relay: Readonly<Record<string, unknown>> | null;
  readonly notes: readonly string[];
  readonly problems: readonly string[];
}

export interface Outcome {
  readonly code: number | null;
  readonly result: Result;
}

export const runTool = async (tool: 'load' | 'soak' | 'fuzz', args: readonly string[]): Promise<Run> => {
  const main = new URL(`../../${tool}/main.js`, import.meta.url).pathname;
  const child = spawn(process.execPath, [main, ...args]);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
};

/** @throws with what it said, if that is no result */
export const outcomeOf = async (
  tool: 'load' | 'soak' | 'fuzz',
  args: readonly string[],
): Promise<Outcome> => {
  const { code, stdout, stderr } = await runTool(tool, args);
  if (!stdout.startsWith('{')) throw new Error(`${tool} ended with ${code}: ${stdout}${stderr}`);
  return { code, result: JSON.parse(stdout) as Result }; // The tests check what they use of it.
};

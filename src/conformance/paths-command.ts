/** `pyrycode-relay paths`: prints the generated paths, or their graph. */
import { describePath, type Path } from './covers.ts';
import { graphMermaid } from './graph-mermaid.ts';
import { toJunitXml } from './junit.ts';
import { modelGraph, modelPaths } from './model.ts';
import { PATHS_HELP, readPaths } from './paths-options.ts';

const toText = (paths: readonly Path[]): string =>
  paths.map((path) => `${path.id}  ${describePath(path)}\n`).join('');

const toJson = (paths: readonly Path[]): string =>
  `${JSON.stringify(
    paths.map(({ id, steps }) => ({
      id,
      steps: steps.map(({ from, event, to }) => ({ from, event, to })),
    })),
    null,
    2,
  )}\n`;

/** For reports that a driver fills in: each path is there before it has run. */
const NOT_RUN = 'not run';

const toJunit = (paths: readonly Path[]): string =>
  toJunitXml(
    'pyrycode-relay paths',
    paths.map((path) => ({
      className: 'paths',
      name: `${path.id}: ${describePath(path)}`,
      kind: 'skipped',
      message: NOT_RUN,
    })),
  );

/** TAP 14. */
const toTap = (paths: readonly Path[]): string =>
  [
    'TAP version 14',
    `1..${paths.length}`,
    ...paths.map((path, i) => `ok ${i + 1} - ${path.id} ${describePath(path)} # SKIP ${NOT_RUN}`),
    '',
  ].join('\n');

/** @returns the exit code */
export const paths = (args: readonly string[]): number => {
  const options = readPaths(args);
  if (options === undefined) {
    process.stdout.write(PATHS_HELP);
    return 0;
  }
  const write = { text: toText, json: toJson, junit: toJunit, tap: toTap };
  const text =
    options.format === 'mermaid'
      ? graphMermaid(modelGraph(options.maxPhones))
      : write[options.format](modelPaths(options));
  process.stdout.write(text);
  return 0;
};

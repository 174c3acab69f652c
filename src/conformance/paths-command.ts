/** `pyrycode-relay paths`: prints the generated paths, or their graph. */
import { describePath, type Path } from './covers.ts';
import { modelGraph, modelPaths } from './model.ts';
import { PATHS_HELP, readPaths } from './options.ts';
import type { Edge } from './server-graph.ts';
import { describeSituation } from './wire-events.ts';

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

/** Draws one arrow per pair of situations, labelled with all events between them. */
const toMermaid = (graph: readonly Edge[]): string => {
  const nodes = new Map<string, string>();
  const nodeOf = (label: string): string => {
    const known = nodes.get(label);
    if (known !== undefined) return known;
    const id = `s${nodes.size}`;
    nodes.set(label, id);
    return id;
  };
  const arrows = new Map<string, string[]>();
  for (const { from, event, to } of graph) {
    const arrow = `${nodeOf(describeSituation(from))} --> ${nodeOf(describeSituation(to))}`;
    arrows.set(arrow, [...(arrows.get(arrow) ?? []), event]);
  }
  return [
    'stateDiagram-v2',
    '  [*] --> s0',
    ...[...nodes].map(([label, id]) => `  state "${label}" as ${id}`),
    ...[...arrows].map(([arrow, events]) => `  ${arrow} : ${events.join(' / ')}`),
    '',
  ].join('\n');
};

/** @returns the exit code */
export const paths = (args: readonly string[]): number => {
  const options = readPaths(args);
  if (options === undefined) {
    process.stdout.write(PATHS_HELP);
    return 0;
  }
  const write = { text: toText, json: toJson };
  const text =
    options.format === 'mermaid'
      ? toMermaid(modelGraph(options.maxPhones))
      : write[options.format](modelPaths(options));
  process.stdout.write(text);
  return 0;
};

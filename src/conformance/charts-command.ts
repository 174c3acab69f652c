/** `pyrycode-relay charts`: prints the charts themselves, for other tools. */
import { readFile } from 'node:fs/promises';
import type { AnyStateMachine } from 'xstate';
import { ConfigError } from '../config/read-config.ts';
import { ALL_CHARTS } from '../machines/all-charts.ts';
import { chartParts } from '../testing/chart-parts.ts';
import { plainConfig } from '../testing/plain-config.ts';
import { readChoice, readFlags } from './read-flags.ts';

const CHARTS: ReadonlyMap<string, AnyStateMachine> = new Map(
  ALL_CHARTS.map((machine) => [machine.id, machine]),
);
const FORMATS = ['text', 'json', 'mermaid'] as const;

export const CHARTS_HELP = `Usage: pyrycode-relay charts [${[...CHARTS.keys()].join('|')}] [flags]

Prints a chart, or all of them, as they run.

  --format text|json|mermaid   one line a transition, or the config as createMachine takes it, or a drawing as text (text)
  --help                       print this

As JSON, one chart is an object; all of them are an object of objects, by name.
`;

const toText = (machine: AnyStateMachine): string => {
  const { states, transitions, delays } = chartParts(machine);
  const lines: string[] = [];
  for (const id of states) {
    lines.push(id);
    for (const { source, name, event, guard } of transitions) {
      if (source !== id) continue;
      const timer = delays.find((delay) => delay.event === event);
      const trigger = timer === undefined ? event || 'always' : `after ${timer.name.split(' of ')[0]}`;
      lines.push(`  ${trigger}${guard === undefined ? '' : ` [${guard}]`}${name.slice(name.indexOf(' → '))}`);
    }
  }
  return `${lines.join('\n')}\n`;
};

const toJson = (machines: readonly AnyStateMachine[], isOne: boolean): string => {
  const configs = Object.fromEntries(machines.map((machine) => [machine.id, plainConfig(machine)]));
  return `${JSON.stringify(isOne ? Object.values(configs)[0] : configs, null, 2)}\n`;
};

/** Drawn when the package is made. @throws ConfigError if the drawings are not beside the program */
const readMermaid = async ({ id }: AnyStateMachine): Promise<string> => {
  try {
    return await readFile(new URL(`../../diagrams/${id}.mmd`, import.meta.url), 'utf8');
  } catch {
    throw new ConfigError(
      'the drawings are not beside this program: the npm package and the image have them',
    );
  }
};

/** @returns the exit code */
export const charts = async (args: readonly string[]): Promise<number> => {
  const { texts, positionals, help } = readFlags(args, { format: 'text' });
  if (help) {
    process.stdout.write(CHARTS_HELP);
    return 0;
  }
  const format = readChoice('format', texts.format, FORMATS);
  const [name, extra] = positionals;
  const chosen = name === undefined ? undefined : CHARTS.get(name);
  if (extra !== undefined || (name !== undefined && chosen === undefined)) {
    throw new ConfigError(`charts takes one of ${[...CHARTS.keys()].join(', ')}, not "${extra ?? name}"`);
  }
  const machines = chosen === undefined ? [...CHARTS.values()] : [chosen];
  if (format === 'json') process.stdout.write(toJson(machines, chosen !== undefined));
  else if (format === 'text') process.stdout.write(machines.map(toText).join('\n'));
  else process.stdout.write((await Promise.all(machines.map(readMermaid))).join('\n'));
  return 0;
};

/** The dashboard of deploy/, as data. */
import { readFileSync } from 'node:fs';

export interface Target {
  readonly expr: string;
}
export interface Panel {
  readonly title: string;
  readonly type: string;
  readonly description?: string;
  readonly targets?: readonly Target[];
}

const FILE = new URL('../../deploy/grafana/pyrycode-relay.json', import.meta.url);

/** All panels but the headings of rows. */
export const panels = (): readonly Panel[] => {
  const { panels: all } = JSON.parse(readFileSync(FILE, 'utf8')) as { readonly panels: readonly Panel[] }; // Our own file.
  return all.filter(({ type }) => type !== 'row');
};

/** Each query, with its panel. */
export const queries = (): readonly (readonly [title: string, expr: string])[] =>
  panels().flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const));

/** Parses the command line of `paths`. */
import { ConfigError } from '../config/read-config.ts';
import { settings } from '../config/settings.ts';
import { MOST_PHONES } from './conformance-options.ts';
import { COVERS, type Cover } from './covers.ts';
import { readChoice, readFlags, readNumber } from './read-flags.ts';

export const FORMATS = ['text', 'json', 'junit', 'tap', 'mermaid'] as const;
export type Format = (typeof FORMATS)[number];

export interface PathsOptions {
  readonly cover: Cover;
  readonly format: Format;
  readonly maxPhones: number;
}

export const PATHS_HELP = `Usage: pyrycode-relay paths [flags]

Prints the paths through the server chart, to make tests of one's own from.

  --cover edge|pairs           every event in every situation, or every two that can follow (edge)
  --format text|json|junit|tap one line a path, or JSON, or a report in which no path has run yet (text)
  --format mermaid             the graph that the paths are made of
  --max-phones NUMBER          the cap (${settings.maxPhones.fallback})
  --help                       print this
`;

const PATHS_FLAGS = {
  cover: 'edge',
  format: 'text',
  'max-phones': String(settings.maxPhones.fallback),
} as const;

/** @returns undefined if help is requested */
export const readPaths = (args: readonly string[]): PathsOptions | undefined => {
  const { texts, positionals, help } = readFlags(args, PATHS_FLAGS);
  if (help) return undefined;
  if (positionals.length > 0)
    throw new ConfigError(`paths takes no argument, not "${positionals[0]}"; see --help`);
  return {
    cover: readChoice('cover', texts.cover, COVERS),
    format: readChoice('format', texts.format, FORMATS),
    maxPhones: readNumber('max-phones', texts['max-phones'], 0, MOST_PHONES),
  };
};

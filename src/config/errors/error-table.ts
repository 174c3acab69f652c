/** The generated part of docs/errors.md. */
import { conformanceErrors } from './conformance-errors.ts';
import type { ErrorGroup } from './error-entry.ts';
import { certificateErrors, fileErrors, startErrors } from './file-errors.ts';
import { probeErrors } from './probe-errors.ts';
import { pushErrors } from './push-errors.ts';
import { recordingErrors } from './recording-errors.ts';
import { bootErrors, commandLineErrors, valueErrors } from './setting-errors.ts';

/** Every line that a command of this program writes to stderr, and the parts that such lines are made of. */
export const errorGroups: readonly ErrorGroup[] = [
  commandLineErrors,
  valueErrors,
  bootErrors,
  fileErrors,
  certificateErrors,
  pushErrors,
  startErrors,
  probeErrors,
  conformanceErrors,
  recordingErrors,
];

const groupText = ({ title, about, entries }: ErrorGroup): string =>
  [
    `## ${title}`,
    '',
    about,
    '',
    '| Line | It means | Do |',
    '| --- | --- | --- |',
    ...entries.map(({ line, means, todo }) => `| \`${line}\` | ${means} | ${todo} |`),
    '',
  ].join('\n');

/** Markdown. */
export const errorTable = (): string => errorGroups.map(groupText).join('\n');

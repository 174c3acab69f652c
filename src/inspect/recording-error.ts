/** How a recording is refused: one line that says where and how it is wrong. */
import { ConfigError } from '../config/read-config.ts';
import { visibleText } from '../protocol/visible-text.ts';

export class RecordingError extends ConfigError {}

const MAX_MESSAGE_CHARS = 200;

/** Escapes and truncates, because the text quotes the file. */
const oneLine = (text: string): string => {
  const safe = visibleText(text);
  return safe.length > MAX_MESSAGE_CHARS ? `${safe.slice(0, MAX_MESSAGE_CHARS)}…` : safe;
};

/** @throws RecordingError */
export const fail = (line: number, what: string): never => {
  throw new RecordingError(`line ${line}: ${oneLine(what)}`);
};

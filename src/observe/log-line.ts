/** One log line, written with the level and the keys of its event. */
import { visibleText } from '../protocol/visible-text.ts';
import { type LogEventName, type LogFields, logEvents } from './log-events.ts';

/** Destination of log lines. A pino logger satisfies it. */
export interface LogSink {
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
  error(fields: object, event: string): void;
}

let droppedKeys = 0;

/** Keys of this process that no event lists, and that no line has. Always a bug. */
export const droppedLogKeys = (): number => droppedKeys;

/** Types hold that `fields` has the keys of the event. What gets past them, by a cast or a spread, is not written either. */
export const write = <E extends LogEventName>(sink: LogSink, event: E, fields: LogFields<E>): void => {
  const { level, keys } = logEvents[event];
  const listed: readonly string[] = keys;
  const visible: Record<string, string | number> = {};
  for (const [key, value] of Object.entries<string | number>(fields)) {
    if (!listed.includes(key)) {
      droppedKeys++;
      continue;
    }
    visible[key] = typeof value === 'string' ? visibleText(value) : value;
  }
  sink[level](visible, event);
};

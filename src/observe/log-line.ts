/** One log line, written with the level and the keys of its event. */
import { visibleText } from '../protocol/visible-text.ts';
import { type LogEventName, type LogFields, logEvents } from './log-events.ts';

/** Destination of log lines. A pino logger satisfies it. */
export interface LogSink {
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
  error(fields: object, event: string): void;
}

export const write = <E extends LogEventName>(sink: LogSink, event: E, fields: LogFields<E>): void => {
  const visible: Record<string, string | number> = {};
  for (const [key, value] of Object.entries<string | number>(fields)) {
    visible[key] = typeof value === 'string' ? visibleText(value) : value;
  }
  sink[logEvents[event].level](visible, event);
};

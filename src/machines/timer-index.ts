/**
 * XState keeps the timers of a whole actor system in one table and walks all of it whenever one actor stops. Ten
 * thousand grace periods that end together would stall the event loop for seconds; with this index it is
 * milliseconds. `test/machines/timer-index.test.ts` fails when an xstate upgrade goes around it.
 */
import type { AnyActorRef } from 'xstate';

/** Call once, before the root actor starts. */
export const indexTimers = ({ scheduler }: AnyActorRef['system']): void => {
  const schedule = scheduler.schedule.bind(scheduler);
  const cancel = scheduler.cancel.bind(scheduler);
  const idsByActor = new Map<AnyActorRef, Set<string>>();
  let lastAnonymousId = 0;

  const forget = (source: AnyActorRef, id: string): void => {
    const ids = idsByActor.get(source);
    if (ids === undefined || !ids.delete(id)) return;
    if (ids.size === 0) idsByActor.delete(source);
  };

  scheduler.schedule = (source, target, event, delayMs, id = `unnamed.${++lastAnonymousId}`) => {
    const ids = idsByActor.get(source);
    if (ids === undefined) idsByActor.set(source, new Set([id]));
    else ids.add(id);
    schedule(source, target, event, delayMs, id);
  };
  scheduler.cancel = (source, id) => {
    forget(source, id);
    cancel(source, id);
  };
  scheduler.cancelAll = (source) => {
    const ids = idsByActor.get(source);
    idsByActor.delete(source);
    if (ids !== undefined) for (const id of ids) cancel(source, id);
  };
};

/** The page says in words what causes each event of a chart. */
import { expect, test } from 'vitest';
import { causeOf, hasCause } from '../../src/inspect/page/causes.ts';
import { connectionMachine } from '../../src/machines/connection-machine.ts';
import { serverMachine } from '../../src/machines/server-machine.ts';

test.each([serverMachine, connectionMachine])('every event of the $id chart has a cause', ({ events }) => {
  expect(events.filter((event) => !hasCause(event))).toEqual([]);
});

test('a timer is over, an eventless transition comes at once, and what is unknown is said to be', () => {
  expect(causeOf('xstate.after.gracePeriod.server.claimed.grace')).toBe('gracePeriod is over');
  expect(causeOf('')).toBe('at once');
  expect(causeOf('made.up')).toBe('its event comes');
});

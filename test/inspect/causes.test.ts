/** The page says in words what causes each event of a chart. */
import { expect, test } from 'vitest';
import { causeOf, hasCause } from '../../src/inspect/page/causes.ts';
import { CHARTS_ON_PAGE } from '../support/charts-on-page.ts';

test.each(CHARTS_ON_PAGE)('every event of the $id chart has a cause', ({ events }) => {
  expect(events.filter((event) => !hasCause(event))).toEqual([]);
});

test('a timer is over, an eventless transition comes at once, and what is unknown is said to be', () => {
  expect(causeOf('xstate.after.gracePeriod.server.claimed.grace')).toBe('gracePeriod is over');
  expect(causeOf('')).toBe('at once');
  expect(causeOf('made.up')).toBe('its event comes');
});

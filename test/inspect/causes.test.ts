/** The page says in words what causes each event of a chart. */
import { expect, test } from 'vitest';
import { causeOf, hasCause } from '../../src/inspect/page/causes.ts';
import { CHARTS_ON_PAGE } from '../support/charts-on-page.ts';

test.each(CHARTS_ON_PAGE)('every event of the $id chart has a cause', ({ events }) => {
  expect(events.filter((event) => !hasCause(event))).toEqual([]);
});

test('a timer is told by what it waits for, an eventless transition comes at once, and what is unknown is said to be', () => {
  expect(causeOf('xstate.after.gracePeriod.server.claimed.grace')).toBe('no binary comes back in time');
  expect(causeOf('xstate.after.probeTimeout.server.claimed.held.probing')).toMatch(
    /does not answer the probe/,
  );
  expect(causeOf('')).toBe('at once');
  for (const unknown of ['made.up', 'xstate.after.madeUp.server']) {
    expect(hasCause(unknown)).toBe(false);
    expect(causeOf(unknown)).toBe('its event comes');
  }
});

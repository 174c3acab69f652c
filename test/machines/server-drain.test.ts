/** Drain in every state of the server chart: 1001 to every connection of the server-id, and nothing afterwards. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FAR_FUTURE_MS } from '../support/chart.ts';
import {
  answer,
  claim,
  closed,
  DRAIN,
  dismiss,
  end,
  GRACE_MS,
  leave,
  PROBE_TIMEOUT_MS,
  phoneLeaves,
  refused,
  register,
  type ServerRun,
  SHUTDOWN,
  startServer,
  unheard,
} from '../support/server-chart.ts';

// Outside production, xstate warns about each event that is sent to an actor that has ended.
beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** It says nothing more, whatever it is sent and however long it takes. */
const expectSilence = (server: ServerRun): void => {
  const { snapshot } = server;
  expect(snapshot.status).toBe('done');
  expect(snapshot.value).toBe('released');
  expect(snapshot.context).toMatchObject({ phones: [], claimants: [] });
  expect(server.advance(FAR_FUTURE_MS)).toStrictEqual([]);
  const late = [claim('b9'), answer('b1'), leave('b1'), register('p9'), phoneLeaves('p1'), unheard('p1')];
  expect(server.send(...late, dismiss('p1', 1000), end('p1', 'b1', 1000), DRAIN)).toStrictEqual([]);
  expect(server.snapshot).toBe(snapshot);
};

describe('drain', () => {
  test('of an unclaimed server-id closes nothing', () => {
    const server = startServer();
    expect(server.send(DRAIN)).toStrictEqual([]);
    expectSilence(server);
  });

  test('of a held server-id closes the phones and the holder after their backlogs', () => {
    const server = startServer();
    server.send(claim('b1'), register('p1'), register('p2'), register('p3'), phoneLeaves('p2'));
    expect(server.send(DRAIN)).toStrictEqual([
      closed('p1', SHUTDOWN, 'shutdown', { flush: true }),
      closed('p3', SHUTDOWN, 'shutdown', { flush: true }),
      closed('b1', SHUTDOWN, 'shutdown', { flush: true }),
    ]);
    expectSilence(server);
  });

  test('of a held server-id without phones closes the holder', () => {
    const server = startServer();
    server.send(claim('b1'));
    expect(server.send(DRAIN)).toStrictEqual([closed('b1', SHUTDOWN, 'shutdown', { flush: true })]);
    expectSilence(server);
  });

  test('of a disputed server-id refuses the line too, and ends the probe', () => {
    const server = startServer();
    server.send(claim('b1'), register('p1'), claim('b2'), claim('b3'), claim('b4'), leave('b3'));
    server.advance(PROBE_TIMEOUT_MS - 1);
    expect(server.send(DRAIN)).toStrictEqual([
      closed('p1', SHUTDOWN, 'shutdown', { flush: true }),
      closed('b1', SHUTDOWN, 'shutdown', { flush: true }),
      refused('b2', SHUTDOWN),
      refused('b4', SHUTDOWN),
    ]);
    expectSilence(server);
  });

  test('in grace closes the phones, but not the binary that has left', () => {
    const server = startServer();
    server.send(claim('b1'), register('p1'), register('p2'), leave('b1'));
    server.advance(GRACE_MS - 1);
    expect(server.send(DRAIN)).toStrictEqual([
      closed('p1', SHUTDOWN, 'shutdown', { flush: true }),
      closed('p2', SHUTDOWN, 'shutdown', { flush: true }),
    ]);
    expectSilence(server);
  });

  test('after a takeover closes only the new holder', () => {
    const server = startServer();
    server.send(claim('b1'), register('p1'), claim('b2'));
    server.advance(PROBE_TIMEOUT_MS);
    expect(server.send(DRAIN)).toStrictEqual([closed('b2', SHUTDOWN, 'shutdown', { flush: true })]);
    expectSilence(server);
  });
});

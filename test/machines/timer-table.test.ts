/** The table that keeps many timers cheap: that it is what xstate uses, and that it changes nothing else. */

import { describe, expect, onTestFinished, test } from 'vitest';
import { type AnyActorRef, createActor, type InspectionEvent, SimulatedClock } from 'xstate';
import type { ConnectionTiming } from '../../src/machines/connection-messages.ts';
import { DIRECTORY, type DirectoryRef, relayMachine } from '../../src/machines/relay-machine.ts';
import type { ServerRef } from '../../src/machines/server-view.ts';
import { keepTimers } from '../../src/machines/timer-table.ts';

/** Making tens of thousands of actors takes a busy machine its time. */
const MANY_ACTORS_MS = 60_000;

const NO_TIMING: ConnectionTiming = {
  heartbeatIntervalMs: 3_600_000,
  heartbeatTimeoutMs: 3_600_000,
  flushTimeoutMs: 60_000,
  closeWriteTimeoutMs: 3_600_000,
  closeAnswerTimeoutMs: 3_600_000,
};

interface System {
  readonly hasTable: boolean;
  readonly graceMs: number;
  /** Real time without it. */
  readonly clock?: SimulatedClock;
}

/** A relay's actors with that many server actors, each held by a binary. */
const heldServers = (count: number, { hasTable, graceMs, clock }: System) => {
  const root = createActor(relayMachine, {
    ...(clock === undefined ? {} : { clock }),
    input: {
      drainDeadlineMs: 3_600_000,
      directory: {
        maxPhones: 16,
        serverTiming: { graceMs, probeTimeoutMs: 3_600_000 },
        connectionTiming: NO_TIMING,
      },
    },
  });
  const table = hasTable ? keepTimers(root.system) : undefined;
  root.start();
  // The relay chart invokes it under this name for as long as it runs.
  const directory = root.system.get(DIRECTORY) as DirectoryRef;
  const servers: ServerRef[] = [];
  directory.on('server.created', ({ ref }) => servers.push(ref));
  for (let n = 0; n < count; n++) {
    directory.send({ type: 'connection.dialled', connId: `b${n}`, role: 'binary', serverId: `s${n}` });
  }
  const xstatesOwn = () => Object.keys(root.system.getSnapshot()._scheduledEvents).length;
  return { root, directory, servers, xstatesOwn, armed: () => table?.armed ?? xstatesOwn() };
};

/** All of them in grace. */
const armedServers = (count: number, system: System) => {
  const held = heldServers(count, system);
  held.servers.forEach((server, n) => server.send({ type: 'binary.left', connId: `b${n}` }));
  expect(held.armed()).toBe(count);
  return held;
};

const onSimulatedClock = (hasTable: boolean): System => ({
  hasTable,
  graceMs: 1_000,
  clock: new SimulatedClock(),
});

/** Milliseconds that it takes to stop one armed actor of so many: the median of 101. */
const stopCostMs = (count: number, hasTable: boolean): number => {
  const { servers } = armedServers(count, onSimulatedClock(hasTable));
  const costs = servers.slice(0, 101).map((server) => {
    const startedAtMs = performance.now();
    server.send({ type: 'drain' });
    return performance.now() - startedAtMs;
  });
  return costs.sort((a, b) => a - b)[50] ?? Number.NaN;
};

describe('stopping one armed actor', { timeout: MANY_ACTORS_MS }, () => {
  test('costs about the same among 20,000 as among 1,000', () => {
    expect(stopCostMs(20_000, true) / stopCostMs(1_000, true)).toBeLessThan(5);
  });

  test('costs xstate by itself far more among 10,000 than among 500', () => {
    expect(stopCostMs(10_000, false) / stopCostMs(500, false)).toBeGreaterThan(5);
  });
});

/** Calls back on every turn of the event loop; answers with the longest time between two turns so far. */
const watchTurns = (): { longestGapMs(): number; stop(): void } => {
  let lastAtMs = performance.now();
  let longestMs = 0;
  let isWatching = true;
  const turn = (): void => {
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - lastAtMs);
    lastAtMs = nowMs;
    if (isWatching) setImmediate(turn);
  };
  setImmediate(turn);
  return {
    longestGapMs: () => longestMs,
    stop: () => {
      isWatching = false;
    },
  };
};

/** How long the event loop stands still when so many grace periods end in one turn. */
const stallMs = async (count: number): Promise<number> => {
  const graceMs = 300;
  const { root, directory, servers } = heldServers(count, { hasTable: true, graceMs });
  onTestFinished(() => void root.stop());
  let expired = 0;
  const allExpired = new Promise<void>((resolve) => {
    for (const server of servers) {
      server.on('grace.expired', () => {
        expired++;
        if (expired === count) resolve();
      });
    }
  });
  servers.forEach((server, n) => server.send({ type: 'binary.left', connId: `b${n}` }));
  // The loop is held until the last of them is due, so that they really do end in one turn.
  const dueAtMs = performance.now() + graceMs;
  while (performance.now() <= dueAtMs);
  expect(expired).toBe(0);

  const turns = watchTurns();
  await allExpired;
  await new Promise((resolve) => setImmediate(resolve));
  turns.stop();
  expect(directory.getSnapshot().context.servers.size).toBe(0);
  return turns.longestGapMs();
};

test('ten thousand grace periods that end together stall the event loop for less than 500 ms', {
  timeout: MANY_ACTORS_MS,
}, async () => {
  // Another process may hold the core for a while, which only ever adds: the shortest of three counts.
  const stalls = [await stallMs(10_000), await stallMs(10_000), await stallMs(10_000)];
  expect(Math.min(...stalls)).toBeGreaterThan(0);
  expect(Math.min(...stalls)).toBeLessThan(500);
});

describe('a system with the table', () => {
  test('has no timers in the tables of xstate', () => {
    expect(armedServers(10, onSimulatedClock(false)).xstatesOwn()).toBe(10);
    expect(armedServers(10, onSimulatedClock(true)).xstatesOwn()).toBe(0);
  });

  test('never fires a timer that was called off', () => {
    const system = onSimulatedClock(true);
    const { servers, armed } = armedServers(10, system);
    const said: string[] = [];
    for (const server of servers) server.on('*', ({ type }) => said.push(type));
    servers.forEach((server, n) => server.send({ type: 'binary.claimed', connId: `new${n}` }));
    said.length = 0;
    expect(armed()).toBe(0);
    system.clock?.increment(3_600_000);
    expect(said).toStrictEqual([]);
    expect(servers.map((server) => server.getSnapshot().status)).toStrictEqual(servers.map(() => 'active'));
  });

  test('fires each timer that was not', () => {
    const system = onSimulatedClock(true);
    const { servers, armed } = armedServers(10, system);
    const kept = servers.filter((_, n) => n % 2 === 0);
    servers.forEach((server, n) => {
      if (n % 2 !== 0) server.send({ type: 'binary.claimed', connId: `new${n}` });
    });
    system.clock?.increment(1_000);
    expect(servers.filter((server) => server.getSnapshot().status === 'done')).toStrictEqual(kept);
    expect(armed()).toBe(0);
  });

  test('keeps no timer once all actors have stopped', () => {
    const { root, armed } = armedServers(100, onSimulatedClock(true));
    root.stop();
    expect(armed()).toBe(0);
  });

  test('shows inspection the same deliveries as xstate does', () => {
    const deliveries = [false, true].map((hasTable) => {
      const system = onSimulatedClock(hasTable);
      const { root, servers } = armedServers(1, system);
      const seen: unknown[] = [];
      root.system.inspect((event: InspectionEvent) => {
        if (event.type !== '@xstate.event') return;
        const [from, to] = [event.sourceRef, event.actorRef].map(
          (ref) => (ref as AnyActorRef | undefined)?.id,
        );
        seen.push([from, to, event.event.type]);
      });
      system.clock?.increment(1_000);
      expect(servers[0]?.getSnapshot().status).toBe('done');
      return seen;
    });
    expect(deliveries[1]).toStrictEqual(deliveries[0]);
    expect(deliveries[1]).not.toStrictEqual([]);
  });
});

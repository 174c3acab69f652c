import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createActor, createEmptyActor } from 'xstate';
import { serverMachine } from '../../src/machines/server-machine.ts';
import type { ServerRef } from '../../src/machines/server-view.ts';
import { Census } from '../../src/observe/census.ts';
import { healthBody } from '../../src/observe/health.ts';

const LONG = 1_000_000_000;

let servers: ServerRef[];
let census: Census;
beforeEach(() => {
  servers = [];
  census = new Census();
});
afterEach(() => {
  for (const server of servers) server.send({ type: 'drain' });
});

/** A server-id with a binary and this many phones, tracked by the census. */
const claimed = (phones: number): ServerRef => {
  const server = createActor(serverMachine, {
    // Takes what the server tells its connections, and does nothing with it.
    parent: createEmptyActor(),
    input: { serverId: 'home', maxPhones: 0, timing: { graceMs: LONG, probeTimeoutMs: LONG } },
  });
  census.track(server);
  servers.push(server);
  server.start();
  server.send({ type: 'binary.claimed', connId: 'binary' });
  for (let i = 0; i < phones; i++) server.send({ type: 'phone.registered', connId: `phone-${i}` });
  return server;
};

describe('the body of /healthz', () => {
  test('is one line with its keys in the specified order', () => {
    expect(healthBody(census, 'dev', 0)).toBe(
      '{"status":"ok","version":"dev","connected_binaries":0,"connected_phones":0,"uptime_seconds":0}',
    );
  });

  test('counts live binaries and all their phones', () => {
    claimed(2);
    claimed(1);
    expect(healthBody(census, '1.2.3', 65_000)).toBe(
      '{"status":"ok","version":"1.2.3","connected_binaries":2,"connected_phones":3,"uptime_seconds":65}',
    );
  });

  test('excludes a binary in grace and includes its phones', () => {
    claimed(2).send({ type: 'binary.left', connId: 'binary' });
    expect(JSON.parse(healthBody(census, 'dev', 0))).toMatchObject({
      connected_binaries: 0,
      connected_phones: 2,
    });
  });

  test('reports the uptime in whole seconds, rounded down', () => {
    const uptime = (ms: number): string => healthBody(census, 'dev', ms).split(':').at(-1) ?? '';
    expect([0, 999, 999.9, 1_000, 1_999.5, 86_400_000].map(uptime)).toEqual([
      '0}',
      '0}',
      '0}',
      '1}',
      '1}',
      '86400}',
    ]);
  });

  test('stays below 200 bytes with long uptime, large counts and a long version', () => {
    claimed(1_000);
    const body = healthBody(census, 'v10.20.30-rc.40+0123456789abcdef', 10 * 365 * 86_400_000);
    expect(Buffer.byteLength(body)).toBeLessThan(200);
    expect(body).not.toContain('\n');
  });
});

/** What a reload changes of who gets in, and what it does to those who are in. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hashToken } from '../src/admission/binary-tokens.ts';
import { SettingError } from '../src/config/config-error.ts';
import { completeConfig } from '../src/config/read-config.ts';
import type { ConfigOptions } from '../src/config/settings.ts';
import { type OpenEntrance, openEntrance } from '../src/entrance.ts';
import type { LogSink } from '../src/observe/log-line.ts';
import type { Observation } from '../src/transport/observation.ts';
import { WiredRelay } from './support/wired-relay.ts';

let folder: string;
let file: string;
let relay: WiredRelay;
let seen: Observation[];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'entrance-'));
  file = join(folder, 'tokens');
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => relay.dispose());

const open = async (options: ConfigOptions): Promise<OpenEntrance> => {
  relay = new WiredRelay();
  seen = [];
  return await openEntrance(completeConfig(options), {
    adapters: relay.plane.adapters,
    observe: (observation) => seen.push(observation),
  });
};

const reload = async ({ reloadable }: OpenEntrance, options: ConfigOptions): Promise<readonly string[]> =>
  (await reloadable.prepare(completeConfig(options)))();

const REVOKED = { code: 1008, reason: 'token revoked' };
const [ONE, TWO] = [hashToken('one'), hashToken('two')];

describe('the token file', () => {
  test('is read again: who has no longer a token is closed, and the others stay', async () => {
    writeFileSync(file, `${ONE}\n${TWO} b`);
    const opened = await open({ binaryTokens: file });
    const [a, b] = [await relay.dial('binary', 'a', ONE), await relay.dial('binary', 'b', TWO)];
    const phone = await relay.dial('phone', 'b');
    writeFileSync(file, `${ONE}\n`);
    const said = await reload(opened, { binaryTokens: file });
    expect(said).toEqual(['--binary-tokens: 1 token', '1 binary closed']);
    await relay.pass(0);
    expect(b.closed()).toEqual(REVOKED);
    expect([a.closed(), phone.closed()]).toEqual([undefined, undefined]);
    expect(opened.entrance.mayClaim(TWO, 'b')).toBe(false);
    expect(relay.observed('connection.left')).toEqual([
      { type: 'connection.left', serverId: 'b', connId: b.connId, role: 'binary', cause: 'token_revoked' },
    ]);
  });

  test('that moves a token to another server-id closes its binary', async () => {
    writeFileSync(file, `${ONE} a`);
    const opened = await open({ binaryTokens: file });
    const binary = await relay.dial('binary', 'a', ONE);
    writeFileSync(file, `${ONE} b`);
    await reload(opened, { binaryTokens: file });
    await relay.pass(0);
    expect(binary.closed()).toEqual(REVOKED);
  });

  test('closes a claimant in line too, once, and the holder keeps its server-id', async () => {
    writeFileSync(file, `${ONE}\n${TWO}`);
    const opened = await open({ binaryTokens: file });
    const holder = await relay.dial('binary', 'a', ONE);
    const claimant = await relay.dial('binary', 'a', TWO);
    writeFileSync(file, ONE);
    await reload(opened, { binaryTokens: file });
    await relay.pass(0);
    expect([claimant.closed(), holder.closed()]).toEqual([REVOKED, undefined]);
    const [revoked, ...others] = seen;
    expect(others).toEqual([]);
    expect(revoked).toEqual({
      type: 'token.revoked',
      serverId: 'a',
      connId: claimant.connId,
      remote: '127.0.0.1',
      source: 'socket',
      wasAdmitted: false,
    });
    // It is closing now, and is not closed again.
    expect(await reload(opened, { binaryTokens: file })).toEqual(['--binary-tokens: 1 token']);
  });

  test('that is given only now lets those stay who had presented one of it', async () => {
    const opened = await open({});
    const [a, b] = [await relay.dial('binary', 'a', ONE), await relay.dial('binary', 'b')];
    writeFileSync(file, ONE);
    expect(await reload(opened, { binaryTokens: file })).toEqual([
      '--binary-tokens: 1 token',
      '1 binary closed',
    ]);
    await relay.pass(0);
    expect([a.closed(), b.closed()]).toEqual([undefined, REVOKED]);
  });

  test('that is broken changes nothing', async () => {
    writeFileSync(file, ONE);
    const opened = await open({ binaryTokens: file });
    const binary = await relay.dial('binary', 'a', ONE);
    writeFileSync(file, `${TWO}\n# fine\nbroken`);
    await expect(
      opened.reloadable.prepare(completeConfig({ binaryTokens: file, rateBurst: 1 })),
    ).rejects.toThrow(
      new SettingError(
        ['binary-tokens'],
        `${file}:3: the line does not start with the SHA-256 of a token in 64 hex digits`,
      ),
    );
    expect(opened.entrance.rules.rate.burst).toBe(20);
    expect(opened.entrance.mayClaim(ONE, 'a')).toBe(true);
    await relay.pass(0);
    expect(binary.closed()).toBeUndefined();
  });
});

describe('the log says what a reload makes of the limits and of who is believed', () => {
  const lines = (): { readonly sink: LogSink; readonly said: unknown[] } => {
    const said: unknown[] = [];
    const take = (fields: object, event: string): void => void said.push([event, fields]);
    return { sink: { info: take, warn: take, error: take }, said };
  };
  const forged = (err: string): unknown => ['addresses can be forged', { err }];
  const XFF = forged('--trust-x-forwarded-for believes anyone');

  test('as the start does', async () => {
    const opened = await open({ maxConnections: 7, trustXForwardedFor: true });
    const { sink, said } = lines();
    opened.announce(sink);
    expect(said).toEqual([['connection limit', { max_connections: 7, reason: '--max-connections' }], XFF]);
  });

  test('only what is new', async () => {
    const opened = await open({ maxConnections: 7 });
    const { sink, said } = lines();
    opened.announce(sink);
    said.length = 0;
    await reload(opened, { maxConnections: 7, rateBurst: 1 });
    expect(said).toEqual([]);
    await reload(opened, { maxConnections: 8, trustXForwardedFor: true });
    expect(said).toEqual([['connection limit', { max_connections: 8, reason: '--max-connections' }], XFF]);
    await reload(opened, { maxConnections: 8, trustXForwardedFor: true });
    expect(said).toHaveLength(2);
  });

  test.each<[string, ConfigOptions]>([
    ['--proxy-protocol', { proxyProtocol: true }],
    ['--https-proxy-protocol', { httpsProxyProtocol: true }],
  ])('of %s, if it believes the PROXY header of every peer', async (flag, options) => {
    const believes = forged(`${flag} without --trusted-proxy believes the PROXY header of any peer`);
    const opened = await open({ maxConnections: 7, ...options });
    const { sink, said } = lines();
    opened.announce(sink);
    expect(said.slice(1)).toEqual([believes]);
    said.length = 0;
    await reload(opened, { maxConnections: 7, ...options, trustedProxies: ['loopback'] });
    expect(said).toEqual([]);
    await reload(opened, { maxConnections: 7, ...options });
    expect(said).toEqual([believes]);
  });
});

test('what is prepared counts only once it is applied, and the flags that have changed are named', async () => {
  const opened = await open({});
  const next: ConfigOptions = {
    rateBurst: 1,
    maxConnections: 7,
    trustedProxies: ['loopback'],
    reservedPhones: 0,
  };
  const apply = await opened.reloadable.prepare(completeConfig(next));
  expect(opened.entrance.rules.rate.burst).toBe(20);
  expect([...apply()].toSorted()).toEqual([
    '--max-connections',
    '--rate-burst',
    '--reserved-phones',
    '--trusted-proxy',
  ]);
  expect(opened.use().maxConnections).toBe(7);
  expect(opened.entrance.admit('phone', '192.0.2.1').kind).toBe('admitted');
  expect(opened.entrance.admit('phone', '192.0.2.1')).toMatchObject({ limit: 'rate' });
  const { address } = opened.entrance.addressOf(
    { address: '127.0.0.1', source: 'socket' },
    new Map([['x-forwarded-for', ['192.0.2.9']]]),
  );
  expect(address).toBe('192.0.2.9');
  expect(await reload(opened, next)).toEqual([]);
});

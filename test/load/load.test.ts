/** The load client counts each fault of a relay as what it is, and finds none in ours. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeCertificate } from '../support/certificates.ts';
import { RelayProcess } from '../support/relay-process.ts';
import { type Fault, startFaultyProxy } from './faulty-proxy.ts';
import { type Outcome, outcomeOf, type Run, runTool } from './run-tool.ts';

const load = async (args: readonly string[]): Promise<Outcome> => await outcomeOf('load', args);
const run = async (args: readonly string[]): Promise<Run> => await runTool('load', args);

let relay: RelayProcess;
beforeAll(async () => {
  relay = await RelayProcess.start();
});
afterAll(async () => void (await relay.stop()));

const portOf = ({ url }: RelayProcess): number => Number(url.split(':').at(-1));

test.each(['idle', 'echo', 'ownership', 'reconnect', 'upload', 'mix'])(
  'our relay passes %s',
  async (scenario) => {
    const size = ['--server-ids', '3', '--seconds', '0.5', '--processes', '2'];
    const pid = ['--pid', String(relay.child.pid)];
    const { code, result } = await load(['--scenario', scenario, '--target', relay.url, ...size, ...pid]);
    expect(result.notes).toEqual([]);
    expect({ code, ok: result.ok, lost: result.frames['lost'] }).toEqual({ code: 0, ok: true, lost: 0 });
    expect(result.connections.made).toBeGreaterThan(8);
    expect(result.frames['received']).toBe(result.frames['sent']);
    expect(result.relay?.['pid']).toBe(relay.child.pid);
  },
);

const NOTHING = { lost: 0, reordered: 0, duplicated: 0, foreign: 0, unclean: 0, untold: 0 };

test.each<[Fault, Partial<typeof NOTHING>, number?]>([
  ['drop', { lost: 1 }],
  ['swap', { reordered: 1 }],
  ['duplicate', { duplicated: 1 }],
  // It is missing where it should have come.
  ['misroute', { foreign: 1, lost: 1 }],
  ['corrupt', { foreign: 1, lost: 1 }],
  ['cut', { unclean: 1 }],
  ['unnoticed', { untold: 1 }, 0],
  ['miscode', { unclean: 1 }, 0],
])('a relay that does %s once fails', async (fault, counted, number = 70) => {
  const proxy = await startFaultyProxy(portOf(relay), fault, number);
  try {
    const { code, result } = await load([
      ...['--scenario', 'reconnect', '--target', `ws://127.0.0.1:${proxy.port}`],
      ...['--server-ids', '3', '--phones', '1', '--seconds', '0', '--patience', '2'],
    ]);
    expect(proxy.isDone()).toBe(true);
    const { lost, reordered, duplicated, foreign } = result.frames;
    const { unclean_closes: unclean, untold_binaries: untold } = result;
    const found = { lost, reordered, duplicated, foreign, unclean, untold };
    expect(found).toEqual({ ...NOTHING, ...counted });
    expect({ code, ok: result.ok }).toEqual({ code: 1, ok: false });
  } finally {
    proxy.stop();
  }
});

test('reaches a relay behind TLS with the certificates of --ca, and none without', async () => {
  const { certFile, keyFile } = makeCertificate();
  const overTls = await RelayProcess.start([
    ...['--https-listen', '127.0.0.1:0', '--tls-cert', certFile, '--tls-key', keyFile],
  ]);
  try {
    const args = ['--scenario', 'echo', '--target', overTls.url, '--server-ids', '2', '--seconds', '0'];
    expect(await load([...args, '--ca', certFile])).toMatchObject({ code: 0, result: { notes: [] } });
    expect(await load(args)).toMatchObject({ code: 1, result: { connections: { made: 0, failed: 2 } } });
  } finally {
    await overTls.stop();
  }
});

test('a relay that is not there fails', async () => {
  const { code, result } = await load([
    '--scenario',
    'idle',
    '--target',
    'ws://127.0.0.1:1',
    '--seconds',
    '0',
  ]);
  expect(code).toBe(1);
  expect(result.connections).toEqual({ made: 0, failed: 10 });
});

test.each([
  [['--scenario', 'storm'], '--scenario takes idle, echo, ownership, reconnect, upload, mix, not "storm"'],
  [[], '--scenario takes idle, echo, ownership, reconnect, upload, mix, and is missing'],
  [['--scenario', 'idle', '--target', 'http://x'], '--target takes ws://HOST:PORT or wss://HOST:PORT'],
  [['--scenario', 'idle', '--phones', '-1'], '--phones'],
  [['--scenario', 'idle', '--seconds', '1e9'], '--seconds takes 0 to 1000000 seconds, not "1e9"'],
  [['--scenario', 'idle', '--ca', '/nowhere/ca.pem'], '--ca: /nowhere/ca.pem cannot be read'],
  [['--scenario', 'idle', '--stealth'], "Unknown option '--stealth'"],
])('exits with 2 for %j', async (args, problem) => {
  const target = args.includes('--target') ? [] : ['--target', 'ws://127.0.0.1:1'];
  const { code, stdout, stderr } = await run([...args, ...target]);
  expect(stderr).toContain(problem);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});

/** Server-ids and device names with characters that nobody sees: where people read them, they are escaped. */
import { get } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { binaryHeaders, Peers, phoneHeaders } from '../support/peer.ts';
import { RelayProcess } from '../support/relay-process.ts';
import { headerText, UNSEEN } from '../support/unseen.ts';

let relay: RelayProcess | undefined;
const peers = new Peers(() => relay?.url ?? '');
afterEach(() => {
  peers.dispose();
  relay?.kill();
  relay = undefined;
});

const SERVER_ID = '\u202eksed\u009b31m\u2066\u2028\u200d\ufeff\u00ad';
const SHOWN = '\\u202eksed\\u009b31m\\u2066\\u2028\\u200d\\ufeff\\u00ad';

/** Dials a binary and a phone with such headers. */
const dialBoth = async (): Promise<void> => {
  const serverId = headerText(SERVER_ID);
  const version = { 'X-Pyrycode-Version': headerText('1\u0085') };
  const device = { 'X-Pyrycode-Device-Name': headerText('Zoë’s \u{e0041}\u202c phone') };
  await peers.dial('/v1/server', { ...binaryHeaders(serverId), ...version }).open();
  await peers.dial('/v1/client', { ...phoneHeaders(serverId), ...device }).open();
};

test('the log says them in escapes, and other text as it is', async () => {
  relay = await RelayProcess.start();
  await dialBoth();
  const { server_id: serverId, device_name: device } = await relay.logged('phone_registered');
  expect({ serverId, device }).toEqual({ serverId: SHOWN, device: 'Zoë’s \\u{e0041}\\u202c phone' });
  expect(relay.output).not.toMatch(UNSEEN);
});

test('two server-ids that differ in a backslash or an escape are routed apart, and logged apart', async () => {
  relay = await RelayProcess.start();
  for (const id of ['a\u009b', 'a\\u009b']) {
    const binary = await peers.binary(headerText(id));
    await peers.knownPhone(headerText(id), binary);
  }
  await relay.logged('phone_registered');
  await relay.logged('phone_registered');
  const claimed = relay.lines.filter(({ msg }) => msg === 'server_claimed');
  expect(claimed.map(({ server_id: id }) => id)).toEqual(['a\\u009b', 'a\\\\u009b']);
});

test('what the inspect listener sends is JSON with escapes: updates, and a recording with ids', async () => {
  relay = await RelayProcess.start(['--inspect-listen', '127.0.0.1:0']);
  const { listen } = await relay.logged('starting inspect listener');
  await dialBoth();
  await relay.logged('phone_registered');
  const recording = await (await fetch(`http://${String(listen)}/recording?keep-ids=1`)).text();
  const update = await new Promise<string>((resolve, reject) => {
    let text = '';
    get(`http://${String(listen)}/events`, (response) => {
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (!text.includes('31m')) return;
        response.destroy();
        resolve(text);
      });
    }).on('error', reject);
  });
  for (const text of [recording, update]) {
    expect(text).toContain(SHOWN);
    expect(text).not.toMatch(UNSEEN);
  }
  const [, server = ''] = recording.split('\n');
  expect(JSON.parse(server)).toMatchObject({ server: SERVER_ID });
});

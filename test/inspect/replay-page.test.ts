/** The shipped commands in sequence: `record` from a running relay, `replay`, `replay --serve`. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath, launch, openPage } from '../support/browser.ts';
import { Inbox } from '../support/inbox.ts';
import { TestRelay } from '../support/relay.ts';
import { MAIN, runMain } from '../support/relay-process.ts';
import { UNSEEN } from '../support/unseen.ts';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'recording-'));
  file = join(folder, 'bug.ndjson');
  const relay = await TestRelay.start({
    inspectListen: { host: '127.0.0.1', port: 0 },
    maxPhones: 1,
    graceMs: 200,
  });
  const binary = await relay.peers.binary('a-secret-server-id');
  await relay.peers.knownPhone('a-secret-server-id', binary);
  await (await relay.peers.phone('a-secret-server-id')).closed;
  binary.ws.close();
  await relay.logged('server_grace_expired');
  expect(await runMain(['record', '--inspect', relay.inspectUrl, '--out', file])).toMatchObject({
    code: 0,
    stderr: '',
  });
  await relay.dispose();
});
afterAll(() => rmSync(folder, { recursive: true }));

const serve = async (path: string): Promise<{ url: string; interrupt: () => Promise<number | null> }> => {
  const child = spawn(process.execPath, [MAIN, 'replay', path, '--serve']);
  const lines = new Inbox<string>('replay --serve');
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const [url = ''] = /http:\/\/\S+/.exec(await lines.next()) ?? [];
  return {
    url,
    interrupt: async () => {
      child.kill('SIGINT');
      return await new Promise((resolve) => child.on('exit', resolve));
    },
  };
};

test('a recording holds no original ids and replays without a divergence', async () => {
  const text = readFileSync(file, 'utf8');
  expect(text).not.toContain('secret');
  expect(text).not.toMatch(/c-[0-9a-f]{16}/);
  const { code, stdout } = await runMain(['replay', file]);
  expect(code).toBe(0);
  expect(stdout).toContain('gracePeriod is over');
  expect(stdout).toContain('every state is as recorded');
});

describe.skipIf(browserPath === undefined)('replay --serve', () => {
  test('steps through a recording with buttons, scrubber and timeline', async () => {
    const { url, interrupt } = await serve(file);
    const browser = await launch();
    const { page, faults } = await openPage(browser, url);
    await page.getByRole('heading', { name: 'S1' }).waitFor();
    await page.locator('#server-state', { hasText: 'released' }).waitFor();
    await page.getByRole('button', { name: 'One event earlier' }).click();
    await page.locator('#server-chart .state-server__claimed__grace.on').waitFor();
    await page.locator('#scrub').focus();
    await page.keyboard.press('Home');
    await page.getByText('before the first recorded event').waitFor();
    await page.locator('#timeline li', { hasText: 'phone.registered' }).last().click();
    await page.getByText('phones (1 of 1)').waitFor();
    await page.locator('#sequence .told text', { hasText: 'admit registration' }).waitFor();
    expect(await page.locator('#sequence .refused').count()).toBe(0);
    await page.locator('#server-chart .state-server__claimed__held__live.on').waitFor();
    expect(await page.locator('#server-note').textContent()).toBe('');
    expect(faults).toEqual([]);
    await browser.close();
    expect(await interrupt()).toBe(0);
  });

  test('escapes what cannot be seen in the ids of a recording', async () => {
    const hostile = join(folder, 'hostile.ndjson');
    writeFileSync(hostile, readFileSync(file, 'utf8').replaceAll(/"([SBP]1)"/g, '"\u202e\u0085$1"'));
    const { url, interrupt } = await serve(hostile);
    const browser = await launch();
    const { page } = await openPage(browser, url);
    await page.getByRole('heading', { name: '\\u202e\\u0085S1' }).waitFor();
    await page.locator('#timeline li', { hasText: '\\u202e\\u0085P1' }).last().click();
    await page.locator('#server-chart .state-server__claimed__held__live.on').waitFor();
    expect(await page.evaluate('document.documentElement.textContent')).not.toMatch(UNSEEN);
    await browser.close();
    await interrupt();
  });

  test('opens at the first divergence', async () => {
    const tampered = join(folder, 'tampered.ndjson');
    const lines = readFileSync(file, 'utf8').split('\n');
    const at = lines.findIndex((line) => line.includes('"phone.registered"'));
    lines[at] = (lines[at] ?? '').replace('claimed.held.live', 'claimed.grace');
    writeFileSync(tampered, lines.join('\n'));
    expect((await runMain(['replay', tampered])).code).toBe(1);
    const { url, interrupt } = await serve(tampered);
    const browser = await launch();
    const { page } = await openPage(browser, url);
    await page.getByText('state: recorded claimed.grace, now claimed.held.live').waitFor();
    await page.locator('#server-chart .state-server__claimed__held__live.on').waitFor();
    await browser.close();
    await interrupt();
  });
});

/** From the settings of push to a wake that FCM takes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FakeFcm, startFakeFcm } from '../../scripts/demo/fake-fcm.js';
import { openFcm } from '../../src/fcm.ts';
import { loadOptional, PackageMissing } from '../../src/transport/optional-package.ts';
import { patient, WAKE } from '../support/fake-fcm.ts';

let fake: FakeFcm;
let folder: string;
beforeEach(async () => {
  fake = await startFakeFcm('another-project');
  folder = mkdtempSync(join(tmpdir(), 'relay-fcm-'));
});
afterEach(async () => {
  await fake.stop();
  rmSync(folder, { recursive: true });
});

const write = (text: string): string => {
  const file = join(folder, 'key.json');
  writeFileSync(file, text);
  return file;
};

const without = (member: string): string =>
  JSON.stringify(JSON.parse(fake.credentials), (key, value: unknown) => (key === member ? undefined : value));

const open = async (
  credentials: Parameters<typeof openFcm>[0]['credentials'],
  projectId: string | null = null,
) => (await openFcm({ credentials, projectId, endpoint: new URL(fake.url) })).provider;

test.each(['a file', 'the environment'])('with the key from %s a phone is woken', async (from) => {
  const json = fake.credentials;
  const provider = await open(from === 'a file' ? { file: write(`\u{feff}${json}`) } : { json });
  expect(await provider.authorize(patient)).toMatchObject({ kind: 'ready' });
  expect(await provider.send(WAKE, patient)).toMatchObject({ kind: 'sent' });
  expect(fake.woken).toStrictEqual([WAKE.token]);
});

test('the project of the flag overrides that of the key', async () => {
  const provider = await open({ json: without('project_id') }, 'flagged-project');
  await provider.authorize(patient);
  await provider.send(WAKE, patient);
  expect(fake.paths.at(-1)).toBe('/v1/projects/flagged-project/messages:send');
});

test('a project that nobody names is asked for', async () => {
  await expect(open({ json: without('project_id') })).rejects.toThrow(
    'the FCM credentials have no "project_id": give --fcm-project',
  );
});

test('a key that cannot be used is named by its setting, and not quoted', async () => {
  const file = write('{"type":"secret"}');
  const problem = '"type" is not "service_account": take the key of a service account';
  await expect(open({ file })).rejects.toThrow(`--fcm-credentials: ${file}: ${problem}`);
  await expect(open({ json: '{"type":"secret"}' })).rejects.toThrow(
    `PYRYCODE_RELAY_FCM_CREDENTIALS: ${problem}`,
  );
  await expect(open({ file: write(' '.repeat(65_537)) })).rejects.toThrow(`${file}: longer than 65536 bytes`);
  rmSync(file);
  await expect(open({ file })).rejects.toThrow(`--fcm-credentials: ${file}: no such file (ENOENT)`);
});

test('a package that is not there is told from one that is broken', async () => {
  const name: string = '../no-such-package.js';
  await expect(loadOptional('jose', async () => await import(name))).rejects.toThrow(PackageMissing);
  const broken = new TypeError('broken');
  await expect(loadOptional('jose', async () => await Promise.reject(broken))).rejects.toBe(broken);
});

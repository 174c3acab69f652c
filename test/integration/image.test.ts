/** deploy/Dockerfile, step by step in an empty root folder: no shell, no right to write, and a user without a name. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildImage, type Image } from '../support/image.ts';

const USER = '--userspec=65532:65532';
const canChroot =
  process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('chroot', ['--version']).status === 0;
if (!canChroot) console.log('no right to chroot here: the tests of the image are skipped');

const run = promisify(execFile);

/** For `chroot` itself. */
const PATH = { PATH: process.env['PATH'] ?? '' };

describe.skipIf(!canChroot)('the image', () => {
  let image: Image;
  let child: ChildProcess | undefined;
  beforeAll(() => {
    image = buildImage();
  }, 300_000);
  afterAll(() => image?.dispose());
  afterEach(() => {
    child?.kill('SIGKILL');
    child = undefined;
  });

  /** Runs it as a container does. @returns its log, line by line */
  const start = (args: readonly string[], asFirstProcess = false): AsyncIterator<string> => {
    const command = ['chroot', USER, image.root, ...image.entrypoint, ...args];
    const [program = '', ...rest] = asFirstProcess
      ? ['unshare', '--pid', '--fork', '--kill-child', ...command]
      : command;
    child = spawn(program, rest, { env: { ...PATH, ...image.env }, stdio: ['ignore', 'pipe', 'inherit'] });
    if (child.stdout === null) throw new Error('stdout is a pipe');
    return createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  };

  const until = async (log: AsyncIterator<string>, text: string): Promise<string> => {
    for (;;) {
      const { value, done } = await log.next();
      if (done === true) throw new Error(`the log ended without ${text}`);
      if (value.includes(text)) return value;
    }
  };

  const ended = async (): Promise<number | null> =>
    await new Promise((resolve) => child?.once('exit', (code) => resolve(code)));

  test('has no shell, no tests, and no packages for development', () => {
    expect(readdirSync(image.root).toSorted()).not.toContain('bin');
    expect(readdirSync(`${image.root}/app`).toSorted()).toEqual([
      'diagrams',
      'dist',
      'node_modules',
      'package.json',
    ]);
    expect(existsSync(`${image.root}/app/node_modules/vitest`)).toBe(false);
    for (const optional of ['acme-client', 'jose'])
      expect(existsSync(`${image.root}/app/node_modules/${optional}`)).toBe(true);
  });

  test('serves as a user without rights, is well for its own health check, and drains at SIGTERM', async () => {
    const log = start(['--insecure-listen', '127.0.0.1:0', '--metrics-listen', '127.0.0.1:0']);
    const { listen } = JSON.parse(await until(log, 'starting metrics listener')) as { listen: string };
    await until(log, '"msg":"listening"');
    // Only with this allocator does memory come back after a flood.
    expect(readFileSync(`/proc/${child?.pid}/maps`, 'utf8')).toContain('libmimalloc');
    const env = { ...PATH, PYRYCODE_RELAY_METRICS_LISTEN: listen };
    await run('chroot', [USER, image.root, ...image.healthcheck], { env });
    const exit = ended();
    child?.kill('SIGTERM');
    expect(await exit).toBe(0);
  });

  test('draws its charts', async () => {
    const args = [USER, image.root, ...image.entrypoint, 'charts', 'push', '--format', 'mermaid'];
    const { stdout } = await run('chroot', args);
    expect(stdout).toBe(readFileSync(new URL('../../diagrams/push.mmd', import.meta.url), 'utf8'));
    // What paints a chart looks for its drawing in the same folder.
    expect(existsSync(`${image.root}/app/diagrams/server.svg`)).toBe(true);
  });

  test('is not well when nothing listens', async () => {
    const failed = run('chroot', [USER, image.root, ...image.healthcheck], {
      env: { ...PATH, PYRYCODE_RELAY_METRICS_LISTEN: '127.0.0.1:1' },
    });
    await expect(failed).rejects.toMatchObject({ code: 1 });
  });

  test('takes certificates from an ACME server to its volume, and to no other place', async () => {
    const check = async (cache: string) =>
      await run('chroot', [
        ...[USER, image.root, ...image.entrypoint, 'check-config', '--domain', 'relay.example.org'],
        ...['--https-listen', ':8443', '--http-listen', ':8080', '--cert-cache', cache],
      ]);
    expect((await check('/certs')).stdout).toContain('the configuration is good');
    await expect(check('/app')).rejects.toMatchObject({ code: 2 });
  });

  test.skipIf(spawnSync('unshare', ['--pid', '--fork', 'true']).status !== 0)(
    'as process 1, without --init, drains at SIGTERM too',
    async () => {
      const log = start(['--insecure-listen', '127.0.0.1:0', '--metrics-listen='], true);
      await until(log, '"msg":"listening"');
      const { stdout } = await run('pgrep', ['-P', String(child?.pid)]);
      const exit = ended();
      process.kill(Number(stdout), 'SIGTERM');
      await until(log, 'shutdown complete');
      expect(await exit).toBe(0);
    },
  );
});

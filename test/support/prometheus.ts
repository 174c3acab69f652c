/** A real Prometheus on loopback, with the configuration of deploy/, and what asks it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './pebble.ts';

/** Why the tests with Prometheus are skipped; '' if they are not. */
export const prometheusMissing =
  spawnSync('promtool', ['--version']).error === undefined ? '' : ' (skipped: prometheus is not installed)';

const DEPLOY = new URL('../../deploy/prometheus/', import.meta.url).pathname;

/** @returns what it says; its exit code first */
export const promtool = (args: readonly string[], input = ''): string => {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  return `exit ${status}: ${stdout}${stderr}`;
};

/** A series, and its last value. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

export class Prometheus {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #url: string;
  output = '';

  private constructor(child: ChildProcess, folder: string, url: string) {
    this.#child = child;
    this.#folder = folder;
    this.#url = url;
    child.stderr?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
  }

  /** Scrapes `target`, host and port, twice a second. */
  static async start(target: string): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
    const given = readFileSync(join(DEPLOY, 'prometheus.yml'), 'utf8');
    const written = given.replaceAll(': 15s', ': 500ms').replaceAll('127.0.0.1:9091', target);
    if (!written.includes(target)) throw new Error('the example has no target to replace');
    const config = join(folder, 'prometheus.yml');
    writeFileSync(config, written);
    copyFileSync(join(DEPLOY, 'rules.yml'), join(folder, 'rules.yml'));
    const address = `127.0.0.1:${await freePort()}`;
    const args = [`--config.file=${config}`, `--web.listen-address=${address}`];
    const child = spawn('prometheus', [...args, `--storage.tsdb.path=${join(folder, 'data')}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return new Prometheus(child, folder, `http://${address}`);
  }

  /** @throws if it does not take the query; undefined while it does not listen */
  async query(expr: string): Promise<readonly Sample[] | undefined> {
    if (this.#child.exitCode !== null) throw new Error(`prometheus has ended: ${this.output}`);
    const url = `${this.#url}/api/v1/query?query=${encodeURIComponent(expr)}`;
    const response = await fetch(url).catch(() => undefined);
    if (response === undefined || response.status === 503) return undefined;
    const body = (await response.json()) as {
      readonly error?: string;
      readonly data?: { readonly result: readonly Sample[] };
    }; // The format of its API; a vector for an instant query.
    if (body.data === undefined) throw new Error(`${body.error}: ${expr}`);
    return body.data.result;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.on('close', resolve));
    this.#child.kill('SIGTERM');
    if (this.#child.exitCode === null) await ended;
    rmSync(this.#folder, { recursive: true });
  }
}

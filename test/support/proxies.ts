/** Real proxies, with the configurations of deploy/, as children of the test on free ports. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestCertificate } from './certificates.ts';

export type ProxyProgram = 'nginx' | 'haproxy' | 'caddy';

/** What is in the example, and what the test has instead. */
export type Replacements = readonly (readonly [given: string, instead: string])[];

export interface ProxyOptions {
  readonly program: ProxyProgram;
  /** File name in deploy/. */
  readonly example: string;
  readonly relayPort: number;
  /** With which the proxy ends TLS. */
  readonly certificate: TestCertificate;
  readonly replacements?: Replacements;
}

const hasProgram = (program: ProxyProgram): boolean => {
  const isThere =
    spawnSync(program, [program === 'caddy' ? 'version' : '-v'], { stdio: 'ignore' }).status === 0;
  if (!isThere) console.log(`no ${program} here: the tests behind it are skipped`);
  return isThere;
};

export const installed: Readonly<Record<ProxyProgram, boolean>> = {
  nginx: hasProgram('nginx'),
  haproxy: hasProgram('haproxy'),
  caddy: hasProgram('caddy'),
};

const freePort = async (): Promise<number> => {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo; // A listening TCP server has one.
  await new Promise((resolve) => probe.close(resolve));
  return port;
};

const isListening = async (port: number): Promise<boolean> =>
  await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => resolve(false));
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });

/** @throws if the example does not have what is to be replaced: the test must start what the reader copies */
const replace = (text: string, replacements: Replacements): string =>
  replacements.reduce((before, [given, instead]) => {
    if (!before.includes(given)) throw new Error(`the example has no ${JSON.stringify(given)}`);
    return before.replaceAll(given, instead);
  }, text);

/** The lines that listen: one port of the loopback interface instead of 443 of all. */
const listenLines: Readonly<Record<ProxyProgram, (text: string, port: number) => string>> = {
  nginx: (text, port) =>
    replace(text, [
      ['listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`],
      ['    listen [::]:443 ssl;\n', ''],
    ]),
  haproxy: (text, port) =>
    replace(text, [['bind :443', `bind 127.0.0.1:${port}`]]).replace(/^ +bind \[::\]:443 .*\n/m, ''),
  // It chooses the site by the name that the client asks for, and gets its certificate by itself.
  caddy: (text, port) =>
    replace(text, [
      [
        '{$DOMAIN:relay.example.org} {',
        `{\n\tadmin off\n\tauto_https off\n}\nhttps://127.0.0.1:${port} {\n\ttls CERTIFICATE`,
      ],
    ]),
};

/** What Debian's nginx.conf has around the files of conf.d. */
const nginxAround = (text: string, dir: string): string => {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${dir}/${name};`,
  );
  return `daemon off; master_process off; pid ${dir}/pid; error_log stderr;
    events { worker_connections 4096; }
    http { access_log off; ${paths.join(' ')}\n${text}}`;
};

const certificateLines = (text: string, dir: string, { cert, key, certFile, keyFile }: TestCertificate) => {
  const both = join(dir, 'relay.pem');
  writeFileSync(both, `${cert}${key}`);
  return text
    .replaceAll('/etc/haproxy/relay.pem', both)
    .replace('tls CERTIFICATE', `tls ${certFile} ${keyFile}`)
    .replace('/etc/letsencrypt/live/relay.example.org/fullchain.pem', certFile)
    .replace('/etc/letsencrypt/live/relay.example.org/privkey.pem', keyFile);
};

const argumentsOf: Readonly<Record<ProxyProgram, (dir: string, file: string) => string[]>> = {
  nginx: (dir, file) => ['-p', dir, '-c', file, '-e', 'stderr'],
  haproxy: (_dir, file) => ['-db', '-f', file],
  caddy: (_dir, file) => ['run', '--config', file, '--adapter', 'caddyfile'],
};

/** Two tests may be given the same free port: the one that comes too late tries another. */
const ATTEMPTS = 5;

export class RealProxy {
  readonly #child: ChildProcess;
  readonly #dir: string;
  readonly #exited: Promise<void>;
  readonly port: number;
  /** Everything it has written. */
  output = '';

  private constructor(options: ProxyOptions, port: number) {
    const { program, example, relayPort, certificate, replacements = [] } = options;
    this.port = port;
    this.#dir = mkdtempSync(join(tmpdir(), `${program}-`));
    const given = readFileSync(new URL(`../../deploy/${example}`, import.meta.url), 'utf8');
    const listening = listenLines[program](given, port);
    const forRelay = listening.replace(
      /(proxy_pass http:\/\/|server relay |RELAY:)127\.0\.0\.1:\d+/,
      `$1127.0.0.1:${relayPort}`,
    );
    const text = replace(certificateLines(forRelay, this.#dir, certificate), replacements);
    const file = join(this.#dir, example);
    writeFileSync(file, program === 'nginx' ? nginxAround(text, this.#dir) : text);
    // Caddy keeps what it has learnt under HOME.
    const env = { ...process.env, HOME: this.#dir, XDG_DATA_HOME: this.#dir, XDG_CONFIG_HOME: this.#dir };
    this.#child = spawn(program, argumentsOf[program](this.#dir, file), { env });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.#exited = new Promise((resolve) => this.#child.on('close', () => resolve()));
  }

  static async start(options: ProxyOptions): Promise<RealProxy> {
    for (let attempt = 1; ; attempt++) {
      const proxy = new RealProxy(options, await freePort());
      if (await proxy.#isUp()) return proxy;
      await proxy.stop();
      if (attempt === ATTEMPTS) throw new Error(`${options.program} does not start: ${proxy.output}`);
    }
  }

  get url(): string {
    return `wss://127.0.0.1:${this.port}`;
  }

  async #isUp(): Promise<boolean> {
    while (this.#child.exitCode === null) {
      if (await isListening(this.port)) return true;
      await sleep(20);
    }
    return false;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null) this.#child.kill();
    await this.#exited;
    rmSync(this.#dir, { recursive: true });
  }
}

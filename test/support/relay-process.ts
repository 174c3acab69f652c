/** The real daemon: `dist/main.js` in its own process, on free ports. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Inbox } from './inbox.ts';
import { tlsCertificate } from './over-tls.ts';

export type LogLine = Readonly<Record<string, unknown>>;

export const MAIN = new URL('../../dist/main.js', import.meta.url).pathname;

export interface Exit {
  readonly code: number | null;
  readonly stderr: string;
  readonly stdout: string;
}

const environment = (extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  ...extra,
});

/** Runs the executable until it exits. */
export const runMain = async (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  timeoutMs = 90_000,
  main = MAIN,
): Promise<Exit> => {
  const child = spawn(process.execPath, [main, ...args], { env: environment(env) });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  return { code, stdout, stderr };
};

const listenArgs = (args: readonly string[]): string[] => {
  if (args.includes('--https-listen') || args.includes('--insecure-listen')) return [];
  if (args.includes('--tls-cert') || args.includes('--domain')) return ['--https-listen', '127.0.0.1:0'];
  const certificate = tlsCertificate();
  if (certificate === undefined) return ['--insecure-listen', '127.0.0.1:0'];
  const { certFile, keyFile } = certificate;
  return ['--https-listen', '127.0.0.1:0', '--tls-cert', certFile, '--tls-key', keyFile];
};

export class RelayProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly lines: LogLine[] = [];
  readonly #news = new Inbox<LogLine>('the log');
  /** Everything written to stdout and stderr. */
  output = '';
  /** `ws://host:port` */
  url = '';
  /** `http://host:port/metrics` */
  metricsUrl = '';
  readonly exited: Promise<number | null>;

  private constructor(args: readonly string[], env: Readonly<Record<string, string>>, main: string) {
    this.child = spawn(process.execPath, [main, ...args], { env: environment(env) });
    this.exited = new Promise((resolve) => this.child.on('close', resolve));
    this.child.stderr.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      this.output += `${line}\n`;
      // The process was killed in the middle of its last line.
      if (!line.endsWith('}')) return;
      const parsed = JSON.parse(line) as LogLine; // Every line is one JSON object, or the test fails here.
      this.lines.push(parsed);
      this.#news.push(parsed);
    });
  }

  static async start(
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
    main = MAIN,
    metrics: readonly string[] = ['--metrics-listen', '127.0.0.1:0'],
  ): Promise<RelayProcess> {
    const withMetrics = args.some((arg) => arg.startsWith('--metrics-listen')) ? args : [...metrics, ...args];
    // All peers of a test dial from one address.
    const rate = args.some((arg) => arg.startsWith('--rate-burst')) ? [] : ['--rate-burst', '0'];
    const relay = new RelayProcess([...listenArgs(args), ...rate, ...withMetrics], env, main);
    const { listen, mode } = await relay.logged('starting');
    relay.url = `${mode === 'tls' ? 'wss' : 'ws'}://${String(listen)}`;
    if (withMetrics.includes('--metrics-listen')) {
      const { listen: at } = await relay.logged('starting metrics listener');
      relay.metricsUrl = `http://${String(at)}/metrics`;
    }
    return relay;
  }

  /** The next log line that no earlier call has returned. */
  async next(): Promise<LogLine> {
    return await this.#news.next();
  }

  /** The next log line with this event that no earlier call has returned. */
  async logged(event: string): Promise<LogLine> {
    for (;;) {
      const line = await this.next();
      if (line['msg'] === event) return line;
    }
  }

  count(event: string): number {
    return this.lines.filter((line) => line['msg'] === event).length;
  }

  async health(): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.url.replace(/^ws/, 'http')}/healthz`);
    return (await response.json()) as Record<string, unknown>; // The tests check the contents.
  }

  async scrape(): Promise<string> {
    return await (await fetch(this.metricsUrl)).text();
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal);
    return await this.exited;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}

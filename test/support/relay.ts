/** A relay in this process, with its log and its peers. */
import { createRelay, type Relay, type RelayOptions, type Reloaded } from '../../src/relay.ts';
import { Inbox } from './inbox.ts';
import { tlsCertificate, wsScheme } from './over-tls.ts';
import { Peers } from './peer.ts';

export interface Line {
  readonly event: string;
  readonly level: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const tlsOptions = (): RelayOptions => {
  const certificate = tlsCertificate();
  if (certificate === undefined) return {};
  const { certFile, keyFile } = certificate;
  return { httpsListen: { host: '127.0.0.1', port: 0 }, tlsCert: certFile, tlsKey: keyFile };
};

export class TestRelay {
  readonly peers = new Peers(() => this.url);
  readonly lines: Line[] = [];
  readonly #news = new Inbox<Line>('the log');
  readonly #relay: Relay;
  readonly #options: RelayOptions;
  url = '';
  metricsUrl = '';
  /** Empty without `inspectListen`. */
  inspectUrl = '';

  private constructor(options: RelayOptions) {
    const log =
      (level: string) =>
      (fields: object, event: string): void => {
        const line = { event, level, fields: { ...fields } };
        this.lines.push(line);
        this.#news.push(line);
      };
    this.#options = {
      metricsListen: { host: '127.0.0.1', port: 0 },
      // All peers of a test dial from one address.
      rateBurst: 0,
      log: { info: log('info'), warn: log('warn'), error: log('error') },
      ...tlsOptions(),
      ...options,
    };
    this.#relay = createRelay(this.#options);
  }

  static async start(options: RelayOptions = {}): Promise<TestRelay> {
    const relay = new TestRelay(options);
    const { address, metricsAddress, inspectAddress } = await relay.#relay.start();
    relay.url = `${options.tlsCert === undefined ? wsScheme() : 'wss:'}//127.0.0.1:${address.port}`;
    relay.metricsUrl = `http://127.0.0.1:${metricsAddress?.port}/metrics`;
    if (inspectAddress !== null) relay.inspectUrl = `http://127.0.0.1:${inspectAddress.port}/`;
    return relay;
  }

  get httpUrl(): string {
    return this.url.replace(/^ws/, 'http');
  }

  get port(): number {
    return Number(new URL(this.httpUrl).port);
  }

  /** The next log line with this event and these fields. Skipped lines are lost to later calls. */
  async logged(event: string, fields: Readonly<Record<string, unknown>> = {}): Promise<Line> {
    for (;;) {
      const line = await this.#news.next();
      const fits = Object.entries(fields).every(([key, value]) => line.fields[key] === value);
      if (line.event === event && fits) return line;
    }
  }

  events(event: string): Line[] {
    return this.lines.filter((line) => line.event === event);
  }

  async health(): Promise<{ binaries: number; phones: number }> {
    const body: unknown = await (await fetch(`${this.httpUrl}/healthz`)).json();
    const counts = body as { connected_binaries: number; connected_phones: number }; // A test checks its shape.
    return { binaries: counts.connected_binaries, phones: counts.connected_phones };
  }

  /** The value of one metric, named as in the exposition format. */
  async metric(cell: string): Promise<number | undefined> {
    const text = await (await fetch(this.metricsUrl)).text();
    const line = text.split('\n').find((candidate) => candidate.startsWith(`pyrycode_relay_${cell} `));
    return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')));
  }

  /** With the options of the start, and these instead. */
  async reload(options: RelayOptions): Promise<Reloaded> {
    return await this.#relay.reload({ ...this.#options, ...options });
  }

  async stop(): Promise<void> {
    await this.#relay.stop();
  }

  async dispose(): Promise<void> {
    this.peers.dispose();
    await this.stop();
  }
}

/** The built relay in a process of its own that tells how much memory is alive in it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { tlsCertificate } from './over-tls.ts';

const DIST = new URL('../../dist/relay.js', import.meta.url).href;
const BLOCKS = new URL('../../dist/transport/block-pool.js', import.meta.url).href;

/** Collects garbage before each answer, so that only what is alive is counted: of slabs, the blocks that are taken. */
const PROGRAM = `
import { createRelay } from ${JSON.stringify(DIST)};
import { queuedBlocks } from ${JSON.stringify(BLOCKS)};
const relay = createRelay({ rateBurst: 0, ...JSON.parse(process.argv[1]) });
const { address } = await relay.start();
const turn = () => new Promise((resolve) => setImmediate(resolve));
process.on('message', async () => {
  for (let i = 0; i < 3; i++) {
    await turn();
    globalThis.gc();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  process.send(heapUsed + arrayBuffers - queuedBlocks.slabBytes + queuedBlocks.takenBytes);
});
process.on('disconnect', () => process.exit());
process.send(address.port);
`;

const numberFrom = async (child: ChildProcess): Promise<number> =>
  await new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error('the measured relay has ended'));
    child.once('exit', ended);
    child.once('message', (value) => {
      child.off('exit', ended);
      resolve(Number(value));
    });
  });

export class MeasuredRelay {
  /** `ws://host:port`, or `wss://` in the tests over TLS. */
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.url = `${tlsCertificate() === undefined ? 'ws' : 'wss'}://127.0.0.1:${port}`;
  }

  /** @param options those of `createRelay` that are numbers */
  static async start(options: Readonly<Record<string, number>> = {}): Promise<MeasuredRelay> {
    const certificate = tlsCertificate();
    const tls = certificate && {
      httpsListen: { host: '127.0.0.1', port: 0 },
      tlsCert: certificate.certFile,
      tlsKey: certificate.keyFile,
    };
    const given = JSON.stringify({ ...options, ...tls });
    const args = ['--expose-gc', '--input-type=module', '-e', PROGRAM, given];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    return new MeasuredRelay(child, await numberFrom(child));
  }

  /** Bytes alive in V8's heap and in buffers. */
  async liveBytes(): Promise<number> {
    const answer = numberFrom(this.#child);
    this.#child.send('measure');
    return await answer;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

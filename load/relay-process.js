/** Our own relay in a process of its own, for a run that is given no other. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { keep } from '../bench/measure/children.js';

const MAIN = new URL('../dist/main.js', import.meta.url).pathname;
const PUBLIC = 'starting';
const METRICS = 'starting metrics listener';

export class RelayProcess {
  port = 0;
  metricsPort = 0;
  pid = 0;
  exited;
  #child;

  /** @param {readonly string[]} flags */
  constructor(flags) {
    this.#child = keep(spawn(process.execPath, [MAIN, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] }));
    this.pid = this.#child.pid ?? 0;
    /** @type {Promise<number | null>} */
    this.exited = once(this.#child, 'exit').then(([code]) => code);
  }

  /**
   * Resolves when it listens.
   * @param {readonly string[]} flags besides those for its listeners
   * @param {number} port 0 for any
   */
  static async start(flags, port = 0) {
    const relay = new RelayProcess([
      ...['--insecure-listen', `127.0.0.1:${port}`, '--metrics-listen', '127.0.0.1:0'],
      // All clients dial from one machine.
      ...['--rate-burst', '0', ...flags],
    ]);
    /** @type {Map<string, number>} */
    const ports = new Map();
    await /** @type {Promise<void>} */ (
      new Promise((resolve, reject) => {
        createInterface({ input: relay.#child.stdout }).on('line', (line) => {
          if (!line.includes(`"msg":"${PUBLIC}"`) && !line.includes(`"msg":"${METRICS}"`)) return;
          const { msg, listen } = JSON.parse(line);
          ports.set(msg, Number(listen.split(':').at(-1)));
          if (ports.size === 2) resolve();
        });
        void relay.exited.then(() => reject(new Error('the relay ended before it listened')));
      })
    );
    relay.port = ports.get(PUBLIC) ?? 0;
    relay.metricsPort = ports.get(METRICS) ?? 0;
    return relay;
  }

  /** @param {NodeJS.Signals} signal */
  signal(signal) {
    this.#child.kill(signal);
  }

  /** The values of all series, by name and labels. */
  async series() {
    const text = await (await fetch(`http://127.0.0.1:${this.metricsPort}/metrics`)).text();
    return new Map(
      [...text.matchAll(/^([a-zA-Z_][^ ]*(?:\{.*\})?) (\S+)$/gm)].map(([, name = '', value]) => [
        name,
        Number(value),
      ]),
    );
  }

  /** @returns {Promise<number | null>} its exit code */
  async stop() {
    this.signal('SIGTERM');
    return await this.exited;
  }
}

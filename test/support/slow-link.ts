/** A TCP proxy that limits the rate of bytes from the relay, or to it, like a bad mobile link. */

import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { wsScheme } from './over-tls.ts';

const TICK_MS = 20;

export interface Rates {
  readonly downBytesPerSecond?: number;
  readonly upBytesPerSecond?: number;
}

/**
 * Passes bytes on at a rate. The source stays paused, so that only `read` takes bytes, as many as each tick allows, and the
 * kernel's buffers fill up.
 */
const trickle = (from: Socket, to: Socket, bytesPerSecond: number): NodeJS.Timeout => {
  const perTick = Math.ceil((bytesPerSecond * TICK_MS) / 1_000);
  from.pause();
  return setInterval(() => {
    const waiting = Math.min(perTick, from.readableLength);
    const chunk: unknown = waiting > 0 ? from.read(waiting) : from.read(0);
    if (Buffer.isBuffer(chunk)) to.write(chunk);
  }, TICK_MS);
};

export class SlowLink {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  url = '';

  private constructor(targetPort: number, { downBytesPerSecond, upBytesPerSecond }: Rates) {
    this.#server = createServer((client) => {
      const relay = connect({ port: targetPort, host: '127.0.0.1' });
      for (const socket of [client, relay]) {
        this.#sockets.add(socket);
        socket.setNoDelay(true);
        socket.on('error', () => {});
        socket.on('close', () => {
          client.destroy();
          relay.destroy();
        });
      }
      if (upBytesPerSecond === undefined) client.on('data', (chunk) => relay.write(chunk));
      else this.#timers.add(trickle(client, relay, upBytesPerSecond));
      if (downBytesPerSecond === undefined) relay.on('data', (chunk) => client.write(chunk));
      else this.#timers.add(trickle(relay, client, downBytesPerSecond));
    });
  }

  static async to(targetPort: number, rates: Rates): Promise<SlowLink> {
    const link = new SlowLink(targetPort, rates);
    await new Promise<void>((resolve) => link.#server.listen(0, '127.0.0.1', resolve));
    const { port } = link.#server.address() as AddressInfo; // A listening TCP server has one.
    link.url = `${wsScheme()}//127.0.0.1:${port}`;
    return link;
  }

  dispose(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

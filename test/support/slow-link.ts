/** A TCP proxy that limits the rate of bytes from the relay, like a bad mobile link. */

import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

const TICK_MS = 20;

export class SlowLink {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  url = '';

  private constructor(targetPort: number, bytesPerSecond: number) {
    const perTick = Math.ceil((bytesPerSecond * TICK_MS) / 1_000);
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
      client.on('data', (chunk) => relay.write(chunk));
      // Paused, so that only `read` takes bytes, as many as each tick allows, and the kernel's buffers fill up.
      relay.pause();
      const timer = setInterval(() => {
        const waiting = Math.min(perTick, relay.readableLength);
        const chunk: unknown = waiting > 0 ? relay.read(waiting) : relay.read(0);
        if (Buffer.isBuffer(chunk)) client.write(chunk);
      }, TICK_MS);
      this.#timers.add(timer);
    });
  }

  static async to(targetPort: number, bytesPerSecond: number): Promise<SlowLink> {
    const link = new SlowLink(targetPort, bytesPerSecond);
    await new Promise<void>((resolve) => link.#server.listen(0, '127.0.0.1', resolve));
    const { port } = link.#server.address() as AddressInfo; // A listening TCP server has one.
    link.url = `ws://127.0.0.1:${port}`;
    return link;
  }

  dispose(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

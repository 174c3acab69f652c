/** Stands between a client and a relay, and does one thing that no relay may do. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** To a frame for a phone; `unnoticed` drops a close notice, `miscode` changes the code of a close frame. */
export type Fault = 'drop' | 'swap' | 'duplicate' | 'misroute' | 'corrupt' | 'cut' | 'unnoticed' | 'miscode';

const [TEXT, CLOSE] = [0x81, 0x88];

/** Cuts what a relay sends into whole frames, which are not masked. */
class Frames {
  #rest: Buffer = Buffer.alloc(0);
  #isHead = true;

  *take(chunk: Buffer): Generator<Buffer, void> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (let end = this.#end(); end !== -1 && end <= this.#rest.length; end = this.#end()) {
      const piece = this.#rest.subarray(0, end);
      this.#rest = this.#rest.subarray(end);
      this.#isHead = false;
      yield piece;
    }
  }

  /** The end of the first piece; -1 while it cannot be told. */
  #end(): number {
    if (this.#isHead) {
      const end = this.#rest.indexOf('\r\n\r\n');
      return end === -1 ? -1 : end + 4;
    }
    if (this.#rest.length < 10) {
      const [, short = 127] = this.#rest;
      return this.#rest.length >= 2 && short < 126 ? 2 + short : -1;
    }
    const [, short = 0] = this.#rest;
    if (short === 127) return 10 + this.#rest.readUInt32BE(6);
    return short === 126 ? 4 + this.#rest.readUInt16BE(2) : 2 + short;
  }
}

/**
 * The fault happens once.
 * @param number to which of the frames that it can happen to, counted over all connections from 0
 * @returns its port, and whether the fault has happened
 */
export const startFaultyProxy = async (
  relayPort: number,
  fault: Fault,
  number: number,
): Promise<{ readonly port: number; readonly isDone: () => boolean; readonly stop: () => void }> => {
  let seen = 0;
  let isDone = false;
  const phones = new Set<Socket>();
  const sockets = new Set<Socket>();

  const isWanted = (piece: Buffer, isForPhone: boolean): boolean => {
    if (fault === 'unnoticed') return !isForPhone && piece[0] === TEXT && piece.includes('"close_code":');
    return isForPhone && piece[0] === (fault === 'miscode' ? CLOSE : TEXT);
  };

  const inject = (phone: Socket, frame: Buffer): void => {
    const other = [...phones].find((candidate) => candidate !== phone);
    isDone = true;
    if (fault === 'duplicate') phone.write(Buffer.concat([frame, frame]));
    if (fault === 'cut') phone.destroy();
    if (fault === 'misroute') other?.write(frame);
    if (fault === 'miscode') phone.write(Buffer.from([CLOSE, 2, 4999 >> 8, 4999 & 0xff]));
    if (fault === 'corrupt') {
      const at = frame.length - 20;
      phone.write(Buffer.concat([frame.subarray(0, at), Buffer.from('#'), frame.subarray(at + 1)]));
    }
  };

  const server = createServer((client) => {
    const relay = connect({ port: relayPort, host: '127.0.0.1', allowHalfOpen: true });
    const frames = new Frames();
    let held: Buffer | undefined;
    for (const socket of [client, relay]) {
      sockets.add(socket);
      socket.on('error', () => {});
    }
    client.once('data', (head: Buffer) => {
      if (head.includes('/v1/client')) phones.add(client);
    });
    client.on('data', (bytes: Buffer) => relay.write(bytes));
    client.on('end', () => relay.end());
    client.on('close', () => {
      phones.delete(client);
      relay.destroy();
    });
    relay.on('data', (bytes: Buffer) => {
      for (const piece of frames.take(bytes)) {
        const isFrame = isWanted(piece, phones.has(client));
        if (isFrame && seen++ === number) {
          if (fault === 'swap') held = piece;
          else inject(client, piece);
        } else if (isFrame && held !== undefined) {
          client.write(Buffer.concat([piece, held]));
          held = undefined;
          isDone = true;
        } else client.write(piece);
      }
    });
    relay.on('end', () => client.end());
    relay.on('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  return {
    port,
    isDone: () => isDone,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};

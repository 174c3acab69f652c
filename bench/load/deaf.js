/** Phones that never read, and binaries that send to them without end. */
import { dial } from './client.js';
import { clientFrame, innerFrame } from './frames.js';
import { wait } from './loads.js';
import { inParallel } from './population.js';

const REDIAL_MS = 100;

/** @typedef {Awaited<ReturnType<typeof deafen>>} Deaf */

/**
 * Opens them, all idle.
 * @param {number} port
 * @param {{ servers: number, phones: number, frameBytes: number, dialsAgain: boolean }} size `phones` on each server-id;
 * `dialsAgain`: a phone that is closed dials again while the binaries burst
 */
export const deafen = async (port, { servers, phones, frameBytes, dialsAgain }) => {
  const inner = innerFrame(frameBytes).toString('latin1');
  const hello = clientFrame(innerFrame(100));
  let isBursting = false;
  let closed = 0;
  let redialled = 0;
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  /** @type {Group[]} */
  const groups = [];

  /** One server-id. */
  class Group {
    /** Encoded frames by conn id. @type {Map<string, Buffer>} */
    frames = new Map();
    #name;
    /** @type {import('./client.js').Client | undefined} */
    #binary;

    /** @param {string} name */
    constructor(name) {
      this.#name = name;
    }

    async claim() {
      this.#binary = await dial(port, '/v1/server', this.#name);
      sockets.add(this.#binary.socket);
      this.#binary.socket.on('error', () => {});
      this.#binary.onMessage((payload) => {
        const { conn_id: connId, close_code: code } = JSON.parse(payload.toString());
        if (code === undefined) {
          this.frames.set(connId, clientFrame(Buffer.from(`{"conn_id":"${connId}","frame":${inner}}`)));
          return;
        }
        this.frames.delete(connId);
        closed++;
        if (isBursting && dialsAgain) void this.#dialAgain();
      });
    }

    /** Says who it is, and reads nothing from then on. */
    async dialPhone() {
      try {
        const phone = await dial(port, '/v1/client', this.#name);
        sockets.add(phone.socket);
        phone.socket.on('error', () => {});
        phone.socket.once('close', () => sockets.delete(phone.socket));
        phone.socket.pause();
        phone.send(hello);
        redialled++;
      } catch {
        void this.#dialAgain();
      }
    }

    async #dialAgain() {
      await wait(REDIAL_MS);
      if (isBursting) await this.dialPhone();
    }

    burst() {
      const socket = this.#binary?.socket;
      /** @returns whether the socket takes more */
      const sendRound = () => {
        for (const frame of this.frames.values()) if (!socket?.write(frame)) return false;
        return true;
      };
      const send = () => {
        if (!isBursting) return;
        // Without a phone there is nothing to send, until one has dialled again.
        if (this.frames.size === 0) setTimeout(send, REDIAL_MS);
        else if (sendRound()) setImmediate(send);
      };
      socket?.on('drain', send);
      send();
    }
  }

  for (let i = 0; i < servers; i++) groups.push(new Group(`deaf-${i}`));
  await inParallel(servers, async (i) => await groups[i]?.claim());
  await inParallel(servers * phones, async (i) => await groups[i % servers]?.dialPhone());
  redialled = 0;
  return {
    burst: () => {
      isBursting = true;
      for (const group of groups) group.burst();
    },
    /** The attack ends: all of them leave. */
    leave: () => {
      isBursting = false;
      for (const socket of sockets) socket.resetAndDestroy();
      return { closed, redialled };
    },
  };
};

/** A TLS 1.3 client that makes its records by hand, behind a handshake of Node: KeyUpdates, padding, records without data. */
import { createCipheriv, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';

const HASH_BYTES = 32;
const KEY_BYTES = 16;
const IV_BYTES = 12;
const APPLICATION_DATA = 23;
const HANDSHAKE = 22;

/** HKDF-Expand-Label with an empty context (RFC 8446 section 7.1). */
const expand = (secret: Buffer, label: string, bytes: number): Buffer => {
  const name = Buffer.from(`tls13 ${label}`);
  const info = Buffer.concat([Buffer.of(0, bytes, name.length), name, Buffer.of(0)]);
  return createHmac('sha256', secret)
    .update(Buffer.concat([info, Buffer.of(1)]))
    .digest()
    .subarray(0, bytes);
};

interface Keys {
  readonly key: Buffer;
  readonly iv: Buffer;
}

const keysOf = (secret: Buffer): Keys => ({
  key: expand(secret, 'key', KEY_BYTES),
  iv: expand(secret, 'iv', IV_BYTES),
});

export class Tls13Peer {
  readonly tcp: Socket;
  /** Reads what the relay sends. Nothing is written to it. */
  readonly tls: TLSSocket;
  #secret: Buffer;
  #keys: Keys;
  #sequence = 0;

  private constructor(tcp: Socket, tls: TLSSocket, secret: Buffer) {
    this.tcp = tcp;
    this.tls = tls;
    this.#secret = secret;
    this.#keys = keysOf(secret);
  }

  static async dial(port: number): Promise<Tls13Peer> {
    const tcp = connectTcp(port, '127.0.0.1');
    const tls = connect({
      socket: tcp,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
      ciphers: 'TLS_AES_128_GCM_SHA256',
    });
    tcp.on('error', () => {});
    tls.on('error', () => {});
    let secret = '';
    tls.on('keylog', (line: Buffer) => {
      const [label, , hex = ''] = line.toString().trim().split(' ');
      if (label === 'CLIENT_TRAFFIC_SECRET_0') secret = hex;
    });
    await once(tls, 'secureConnect');
    // Its Finished leaves after this event, and must be first.
    await setImmediate();
    return new Tls13Peer(tcp, tls, Buffer.from(secret, 'hex'));
  }

  /** One record, whose data is followed by `padding` zeros. */
  record(data: Buffer | string, { type = APPLICATION_DATA, padding = 0 } = {}): Buffer {
    const inner = Buffer.concat([Buffer.from(data), Buffer.of(type), Buffer.alloc(padding)]);
    const header = Buffer.of(APPLICATION_DATA, 3, 3, 0, 0);
    header.writeUInt16BE(inner.length + 16, 3);
    const nonce = Buffer.from(this.#keys.iv);
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ this.#sequence++) >>> 0, 8);
    const cipher = createCipheriv('aes-128-gcm', this.#keys.key, nonce).setAAD(header);
    return Buffer.concat([header, cipher.update(inner), cipher.final(), cipher.getAuthTag()]);
  }

  /** KeyUpdates that ask for one each (RFC 8446 section 4.6.3). */
  keyUpdates(count: number, options: { readonly padding?: number } = {}): Buffer {
    const records = Array.from({ length: count }, () => {
      const record = this.record(Buffer.of(24, 0, 0, 1, 1), { type: HANDSHAKE, ...options });
      this.#secret = expand(this.#secret, 'traffic upd', HASH_BYTES);
      this.#keys = keysOf(this.#secret);
      this.#sequence = 0;
      return record;
    });
    return Buffer.concat(records);
  }
}

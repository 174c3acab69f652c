/**
 * Pebble, the ACME server that Let's Encrypt tests clients with, on loopback. It validates for real: a DNS server beside it says that
 * every name is 127.0.0.1, and it asks there for the challenge.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Why the tests with Pebble are skipped; '' if they are not. */
export const pebbleMissing =
  spawnSync('pebble', ['-version']).error === undefined ? '' : ' (skipped: pebble is not installed)';

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  server.close();
  return port;
};

const A_RECORD = 1;

/** The answer to a query: 127.0.0.1 for an A record, nothing for any other (RFC 1035 section 4). */
const answerQuery = (query: Buffer): Buffer => {
  let end = 12;
  while ((query[end] ?? 0) !== 0) end += (query[end] ?? 0) + 1;
  const question = query.subarray(12, end + 5);
  const isAddress = query.readUInt16BE(end + 1) === A_RECORD;
  const head = Buffer.from(query.subarray(0, 12));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(isAddress ? 1 : 0, 6);
  head.writeUInt32BE(0, 8);
  const record = Buffer.from([0xc0, 12, 0, A_RECORD, 0, 1, 0, 0, 0, 1, 0, 4, 127, 0, 0, 1]);
  return Buffer.concat([head, question, ...(isAddress ? [record] : [])]);
};

const answerStream = (socket: Socket): void => {
  let read = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    read = Buffer.concat([read, chunk]);
    while (read.length >= 2 && read.length >= 2 + read.readUInt16BE(0)) {
      const length = read.readUInt16BE(0);
      const said = answerQuery(read.subarray(2, 2 + length));
      read = read.subarray(2 + length);
      const prefix = Buffer.alloc(2);
      prefix.writeUInt16BE(said.length, 0);
      socket.write(Buffer.concat([prefix, said]));
    }
  });
};

const startNames = async (): Promise<{ port: number; end: () => void }> => {
  const tcp = createServer(answerStream).listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as AddressInfo; // It listens on TCP.
  const udp = createSocket('udp4', (query, { port: to, address }) =>
    udp.send(answerQuery(query), to, address),
  );
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  return {
    port,
    end: () => {
      tcp.close();
      udp.close();
    },
  };
};

export interface PebbleOptions {
  /** Where it asks for challenges. */
  readonly httpPort: number;
  readonly port?: number;
  /** Of each certificate. */
  readonly validityS?: number;
  /** Names it refuses. */
  readonly blocked?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Pebble {
  readonly directoryUrl: string;
  /** The certificate of its own HTTPS, signed by itself. */
  readonly caFile: string;
  readonly caPem: string;
  /** Certificates it has issued. */
  readonly issuedCount: () => number;
  readonly accountCount: () => number;
  readonly stop: () => Promise<void>;
}

export const startPebble = async (options: PebbleOptions): Promise<Pebble> => {
  const { httpPort, validityS = 90 * 24 * 3600, blocked = [], env = {} } = options;
  const port = options.port ?? (await freePort());
  const names = await startNames();
  const folder = mkdtempSync(join(tmpdir(), 'pebble-'));
  const certificate = join(folder, 'cert.pem');
  const privateKey = join(folder, 'key.pem');
  const subject = ['-subj', '/CN=pebble', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  execFileSync('openssl', ['req', '-x509', ...key, ...subject, '-keyout', privateKey, '-out', certificate], {
    stdio: 'ignore',
  });
  const config = {
    pebble: {
      listenAddress: `127.0.0.1:${port}`,
      managementListenAddress: '',
      certificate,
      privateKey,
      httpPort,
      tlsPort: 1,
      ocspResponderURL: '',
      externalAccountBindingRequired: false,
      domainBlocklist: blocked,
      retryAfter: { authz: 1, order: 1 },
      keyAlgorithm: 'ecdsa',
      // Of version 2.4, and of later ones.
      certificateValidityPeriod: validityS,
      profiles: { default: { description: 'all', validityPeriod: validityS } },
    },
  };
  const configFile = join(folder, 'config.json');
  writeFileSync(configFile, JSON.stringify(config));
  const child = spawn('pebble', ['-config', configFile, '-dnsserver', `127.0.0.1:${names.port}`], {
    env: { PATH: process.env['PATH'], PEBBLE_VA_NOSLEEP: '1', PEBBLE_AUTHZREUSE: '0', ...env },
  });
  const exited = once(child, 'exit');
  const lines: string[] = [];
  const listening = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      if (line.includes('Listening on:')) resolve();
    });
  });
  await Promise.race([
    listening,
    exited.then(() => {
      throw new Error(`pebble: ${lines.join('\n')}`);
    }),
  ]);
  const count = (text: string): number => lines.filter((line) => line.includes(text)).length;
  const directoryUrl = `https://127.0.0.1:${port}/dir`;
  return {
    directoryUrl,
    caFile: certificate,
    caPem: readFileSync(certificate, 'utf8'),
    issuedCount: () => count('Issued certificate'),
    accountCount: () => lines.filter((line) => /now \d+ accounts/.test(line)).length,
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
      names.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/**
 * A certificate and its key in two files, which some other program renews. They are read again when they change, and on demand. Each
 * connection has the certificate of the moment of its handshake, so a new one disturbs none.
 */
import { stat } from 'node:fs/promises';
import { CERTIFICATE_POLL_INTERVAL_MS, MAX_CERTIFICATE_FILE_BYTES } from '../protocol/tls-limits.ts';
import { readBoundedFile } from './bounded-file.ts';
import { type PairReading, readPair } from './certificate-pair.ts';
import type { Certificate, CertificateSource } from './certificate-source.ts';
import { describeFileError } from './file-error.ts';

export type CertificateNews =
  | { readonly type: 'certificate.loaded'; readonly expiresAtMs: number }
  /** The files have changed, and cannot be used. */
  | { readonly type: 'certificate.kept'; readonly err: string }
  /** It is used, and some clients may refuse it. */
  | { readonly type: 'certificate.doubtful'; readonly err: string };

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface FileCertificatesOptions extends CertificateFiles {
  readonly report: (news: CertificateNews) => void;
  readonly nowMs?: () => number;
  readonly pollIntervalMs?: number;
}

/** Says that a file is another one, or has been written, also behind a symbolic link. */
const printOf = async (file: string): Promise<string> =>
  await stat(file).then(
    ({ dev, ino, size, mtimeMs, ctimeMs }) => [dev, ino, size, mtimeMs, ctimeMs].join(' '),
    describeFileError,
  );

/** What was read, and the files as they were before. */
export interface FilesReading {
  readonly read: PairReading;
  readonly print: string;
  /** Whether they have changed since they were read last. */
  readonly isNew: boolean;
}

/** Reads a pair once. */
export const readCertificateFiles = async (
  { certFile, keyFile }: CertificateFiles,
  nowMs: number,
): Promise<PairReading> => {
  const [cert, key] = await Promise.all([
    readBoundedFile(certFile, MAX_CERTIFICATE_FILE_BYTES),
    readBoundedFile(keyFile, MAX_CERTIFICATE_FILE_BYTES),
  ]);
  if ('err' in cert) return { kind: 'fault', err: cert.err };
  if ('err' in key) return { kind: 'fault', err: key.err };
  const pem = { cert: cert.bytes.toString('latin1'), key: key.bytes.toString('latin1') };
  const read = readPair(pem, nowMs);
  return read.kind === 'pair' ? read : { kind: 'fault', err: `${certFile}, ${keyFile}: ${read.err}` };
};

export class FileCertificates implements CertificateSource {
  readonly #options: FileCertificatesOptions;
  readonly #nowMs: () => number;
  readonly #timer: NodeJS.Timeout;
  #certificate: Certificate;
  /** The files as they were read last. */
  #seen: string;
  /** Files that could not be used at the last poll: perhaps only one of the two had been written by then. */
  #suspect: string | undefined;
  #isPolling = false;
  #hasEnded = false;

  private constructor(options: FileCertificatesOptions, first: Certificate, seen: string) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#certificate = first;
    this.#seen = seen;
    const intervalMs = options.pollIntervalMs ?? CERTIFICATE_POLL_INTERVAL_MS;
    this.#timer = setInterval(() => void this.#poll(), intervalMs).unref();
  }

  /** @returns what is wrong with the files, as text, if they cannot be used */
  static async open(options: FileCertificatesOptions): Promise<FileCertificates | string> {
    const print = await FileCertificates.#printOf(options);
    const read = await readCertificateFiles(options, (options.nowMs ?? Date.now)());
    if (read.kind === 'fault') return read.err;
    const source = new FileCertificates(options, read.certificate, print);
    source.use(read, print);
    return source;
  }

  static async #printOf({ certFile, keyFile }: CertificateFiles): Promise<string> {
    return (await Promise.all([printOf(certFile), printOf(keyFile)])).join(', ');
  }

  readonly current = (): Certificate => this.#certificate;

  readonly end = (): void => {
    this.#hasEnded = true;
    clearInterval(this.#timer);
  };

  /** Reads the files, and changes nothing yet. */
  async read(): Promise<FilesReading> {
    const print = await FileCertificates.#printOf(this.#options);
    const isNew = print !== this.#seen;
    return { read: await readCertificateFiles(this.#options, this.#nowMs()), print, isNew };
  }

  /** Takes effect with the next connection. */
  use({ certificate, warnings }: PairReading & { readonly kind: 'pair' }, print: string): void {
    const { report } = this.#options;
    this.#certificate = certificate;
    this.#seen = print;
    report({ type: 'certificate.loaded', expiresAtMs: certificate.expiresAtMs });
    for (const err of warnings) report({ type: 'certificate.doubtful', err });
  }

  async #poll(): Promise<void> {
    // A file system that hangs must not gather polls.
    if (this.#isPolling) return;
    this.#isPolling = true;
    if ((await FileCertificates.#printOf(this.#options)) !== this.#seen) await this.#reload();
    this.#isPolling = false;
  }

  async #reload(): Promise<void> {
    const { read, print, isNew } = await this.read();
    // A reload on demand may have been faster.
    if (this.#hasEnded || !isNew) return;
    if (read.kind === 'pair') {
      this.use(read, print);
    } else if (print === this.#suspect) {
      this.#seen = print;
      this.#options.report({ type: 'certificate.kept', err: read.err });
    }
    this.#suspect = print;
  }
}

/** Certificates from files, on the real process: what it refuses to start with, and how it takes a renewed one into use. */
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificate, type TestCertificate } from '../support/certificates.ts';
import { Peers } from '../support/peer.ts';
import { RelayProcess, runMain } from '../support/relay-process.ts';

let first: TestCertificate;
let second: TestCertificate;
beforeAll(() => {
  first = makeCertificate();
  second = makeCertificate();
});

const newDir = (): string => mkdtempSync(join(tmpdir(), 'relay-certs-'));

describe('a pair that cannot be used: exit 2, with a line that names the file and what is wrong', () => {
  const startWith = async (certFile: string, keyFile: string): Promise<string> => {
    const args = [
      '--https-listen',
      '127.0.0.1:0',
      '--metrics-listen=',
      '--tls-cert',
      certFile,
      '--tls-key',
      keyFile,
    ];
    const { code, stderr, stdout } = await runMain(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    return stderr;
  };

  test('a file that is missing', async () => {
    expect(await startWith('/nonexistent/cert.pem', first.keyFile)).toContain(
      '--tls-cert, --tls-key: /nonexistent/cert.pem: no such file (ENOENT)',
    );
  });

  test('a directory', async () => {
    const dir = newDir();
    expect(await startWith(first.certFile, dir)).toContain(`${dir}: not a file`);
  });

  test('a file that is too long', async () => {
    const file = join(newDir(), 'long.pem');
    writeFileSync(file, 'x'.repeat(1024 * 1024 + 1));
    expect(await startWith(file, first.keyFile)).toContain(`${file}: longer than 1048576 bytes`);
  });

  test('a key in the place of the certificate', async () => {
    expect(await startWith(first.keyFile, first.keyFile)).toContain('has no certificate in PEM');
  });

  test('a certificate in the place of the key', async () => {
    expect(await startWith(first.certFile, first.certFile)).toContain('has no private key in PEM');
  });

  test('a certificate that is cut short', async () => {
    const file = join(newDir(), 'cut.pem');
    const end = '-----END CERTIFICATE-----\n';
    writeFileSync(file, `${first.cert.slice(0, 200)}\n${end}`);
    expect(await startWith(file, first.keyFile)).toContain('has no certificate in PEM');
  });

  test('the key of another certificate', async () => {
    expect(await startWith(first.certFile, second.keyFile)).toContain(
      'is not the one of the first certificate',
    );
  });

  test('a key with a password', async () => {
    const file = join(newDir(), 'key.pem');
    writeFileSync(file, first.key.replaceAll('PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'));
    expect(await startWith(first.certFile, file)).toContain('encrypted');
  });
});

describe('files that change', () => {
  let relay: RelayProcess;
  const peers = new Peers(() => relay.url);
  afterEach(() => {
    peers.dispose();
    relay.kill();
  });

  const start = async (certFile: string, keyFile: string): Promise<void> => {
    relay = await RelayProcess.start(['--tls-cert', certFile, '--tls-key', keyFile]);
  };

  /** Which of the two certificates a new connection is given. */
  const served = async (): Promise<'first' | 'second'> => {
    const socket = connect({
      port: Number(new URL(relay.url).port),
      host: '127.0.0.1',
      rejectUnauthorized: false,
    });
    await once(socket, 'secureConnect');
    const pem = socket.getPeerX509Certificate()?.toString() ?? '';
    socket.destroy();
    return pem.trim() === first.cert.trim() ? 'first' : 'second';
  };

  const ca = () => `${first.cert}${second.cert}`;

  test('a new pair is used for new connections, and no frame of the others is lost', async () => {
    const dir = newDir();
    const [certFile, keyFile] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
    copyFileSync(first.certFile, certFile);
    copyFileSync(first.keyFile, keyFile);
    await start(certFile, keyFile);
    expect(await served()).toBe('first');
    const serverId = peers.serverId();
    const binary = await peers.binary(serverId, { ca: ca() });
    const { phone, connId } = await peers.knownPhone(serverId, binary, { ca: ca() });
    let sent = 0;
    const load = setInterval(() => {
      for (let i = 0; i < 20; i++) phone.send(String(sent++));
    }, 5);
    copyFileSync(second.certFile, certFile);
    copyFileSync(second.keyFile, keyFile);
    await relay.logged('certificate_loaded');
    expect(await served()).toBe('second');
    clearInterval(load);
    const frames = await binary.inbox.take(sent);
    expect(frames).toEqual(Array.from({ length: sent }, (_, i) => `{"conn_id":"${connId}","frame":${i}}`));
    // The two files were written one after the other: the first of them alone does not fit the old key.
    expect(relay.count('certificate_kept')).toBe(0);
    const exposition = await relay.scrape();
    expect(exposition).toContain('pyrycode_relay_certificate_loads_total{outcome="loaded"} 2');
    expect(exposition).toMatch(/^pyrycode_relay_certificate_expiry_timestamp_seconds 1\d{9}$/m);
  });

  test('a link that is moved to another folder, as Kubernetes does it, is noticed', async () => {
    const dir = newDir();
    for (const [name, { certFile, keyFile }] of Object.entries({ a: first, b: second })) {
      mkdirSync(join(dir, name));
      copyFileSync(certFile, join(dir, name, 'tls.crt'));
      copyFileSync(keyFile, join(dir, name, 'tls.key'));
    }
    symlinkSync('a', join(dir, '..data'));
    symlinkSync('..data/tls.crt', join(dir, 'tls.crt'));
    symlinkSync('..data/tls.key', join(dir, 'tls.key'));
    await start(join(dir, 'tls.crt'), join(dir, 'tls.key'));
    expect(await served()).toBe('first');
    symlinkSync('b', join(dir, '..data_tmp'));
    renameSync(join(dir, '..data_tmp'), join(dir, '..data'));
    await relay.logged('certificate_loaded');
    expect(await served()).toBe('second');
  });

  test('SIGHUP takes a new pair at once, and refuses a bad one', async () => {
    const dir = newDir();
    const [certFile, keyFile] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
    copyFileSync(first.certFile, certFile);
    copyFileSync(first.keyFile, keyFile);
    await start(certFile, keyFile);
    relay.child.kill('SIGHUP');
    expect(await relay.logged('reloaded')).toMatchObject({ changed: 'nothing' });
    copyFileSync(second.certFile, certFile);
    relay.child.kill('SIGHUP');
    expect((await relay.logged('reload refused'))['err']).toContain(
      'is not the one of the first certificate',
    );
    expect(await served()).toBe('first');
    copyFileSync(second.keyFile, keyFile);
    relay.child.kill('SIGHUP');
    expect((await relay.logged('reloaded'))['changed']).toMatch(
      /^(certificate, valid until \d{4}-.*Z|nothing)$/,
    );
    expect(await served()).toBe('second');
  });

  test('a pair that does not match keeps the old one, and says so once; a good one is used again', async () => {
    const dir = newDir();
    const [certFile, keyFile] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
    copyFileSync(first.certFile, certFile);
    copyFileSync(first.keyFile, keyFile);
    await start(certFile, keyFile);
    copyFileSync(second.certFile, certFile);
    const kept = await relay.logged('certificate_kept');
    expect(kept).toMatchObject({
      level: 'warn',
      err: `${certFile}, ${keyFile}: the key is not the one of the first certificate in its file`,
    });
    expect(await served()).toBe('first');
    // The next change is looked at again, and by then the one before would have been reported a second time.
    copyFileSync(second.keyFile, keyFile);
    await relay.logged('certificate_loaded');
    expect(await served()).toBe('second');
    expect(relay.count('certificate_kept')).toBe(1);
    expect(await relay.scrape()).toContain('pyrycode_relay_certificate_loads_total{outcome="kept"} 1');
    for (const line of [relay.output, await relay.scrape()]) expect(line).not.toContain('BEGIN');
  });
});

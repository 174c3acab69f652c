/** Errors of files that settings name, and of addresses that cannot be bound. */
import { type ErrorGroup, entriesOf } from './error-entry.ts';

export const fileErrors: ErrorGroup = {
  title: 'Files',
  about: 'Exit 2. The setting that names the file is in front.',
  entries: entriesOf([
    ['<file>: not a file', 'it is a folder, a pipe or a device', 'name a file'],
    [
      '<file>: longer than <number> bytes',
      'no file of this kind is so long',
      'look whether it is the right one',
    ],
    [
      'no such file',
      'behind the file: it is not there',
      'look for a misspelling; a relative path begins where the relay was started',
    ],
    [
      'permission denied',
      'behind the file: its mode, or that of a folder above it',
      '[files that only root can read](operating.md#files-that-only-root-can-read)',
    ],
    ['cannot be read', 'behind the file: for another reason', 'read it with `cat`, as the user of the relay'],
    [
      '<file>:<line>: invalid TOML: <reason>; a key stands once, and text in quotes, as domain = "relay.example.org"',
      'the configuration file is no TOML',
      'mend the line',
    ],
    [
      '<place>: unknown key <key>: keys are flags without their dashes, in no section',
      'there is no such setting',
      'see `help all`; leave `[sections]` out',
    ],
    ['<place>: <key> is not for the file itself', 'a file cannot name another one', 'leave it out'],
    [
      '<file>: empty: to let no binary in, write a comment, such as # none',
      'the file of `--binary-tokens` is just being written, or its lines are lost',
      'reload once it is written; better, write another file and move it there',
    ],
    [
      '<file>:<line>: the line <problem>',
      'the file of `--binary-tokens`; one of the next three follows',
      'make the line with `pyrycode-relay token`',
    ],
    [
      'does not start with the SHA-256 of a token in 64 hex digits',
      'it may be the token itself, which belongs to the binary only',
      'put in the hash; if a token was there, make a new one',
    ],
    [
      'has a comment behind the hash: a comment needs a line of its own',
      'it would be taken for a server-id',
      'move the comment',
    ],
    ['has a server-id of more than <number> bytes', 'no binary can have it', 'shorten it'],
    [
      'the certificate file has no certificate in PEM, -----BEGIN CERTIFICATE-----',
      'it is another file, or in DER',
      'name the chain, such as `fullchain.pem`',
    ],
    [
      'the key is encrypted: it is taken only without a password',
      'nobody is there to type one',
      '`openssl pkey -in KEY -out PLAIN`',
    ],
    [
      'the key file has no private key in PEM, -----BEGIN PRIVATE KEY-----',
      'it is another file',
      'name the key, such as `privkey.pem`',
    ],
    [
      'the key is not the one of the first certificate in its file',
      'key and certificate are of different renewals, or the chain is not leaf first',
      'put the leaf first; renew both',
    ],
    [
      'OpenSSL does not take the certificate: <code>',
      'such as a key that is too short',
      'search for the code',
    ],
  ]),
};

export const certificateErrors: ErrorGroup = {
  title: "Certificates from Let's Encrypt",
  about: 'Exit 2. What fails later is in the log: [logs.md](logs.md).',
  entries: entriesOf([
    [
      '--domain needs the optional package acme-client, which is not installed: npm install acme-client, or give a certificate with --tls-cert and --tls-key',
      'npm left optional packages out',
      'as it says',
    ],
    [
      '--cert-cache <problem>',
      'the folder of keys cannot be used; one of the next three lines follows, or a system code',
      'give the user of the relay a folder of its own',
    ],
    ['<folder>: not a folder', 'a file is in its place', 'move the file'],
    [
      '<folder>: open to others (<mode>) and owned by another user; chmod 700 it',
      'others could read the keys, and the relay may not change that',
      'as it says, as its owner',
    ],
    [
      '<folder>: open to others (<mode>) and not for certificates only; name a folder that holds nothing else',
      'it is shared, as /tmp is, or has something else in it: closing it to others could break that',
      'as it says; if nobody else needs the folder, `chmod 700` it',
    ],
  ]),
};

export const startErrors: ErrorGroup = {
  title: 'When a start fails',
  about: 'Exit 1. An address is behind the setting that names it.',
  entries: entriesOf([
    [
      'already in use',
      '`<setting> <address>: already in use (EADDRINUSE)`: another process listens there, perhaps the relay before a restart',
      '`ss -ltnp` says which',
    ],
    [
      'may not be listened on',
      '(EACCES): a port below 1024',
      '`AmbientCapabilities=CAP_NET_BIND_SERVICE`, or another port',
    ],
    [
      'no address of this machine',
      '(EADDRNOTAVAIL): no interface has it',
      'give one that `ip addr` shows, or none, for all',
    ],
    [
      'stdout: <problem>',
      'what a command prints cannot be written, such as to a disk that is full',
      'make room',
    ],
    ['failed with <value>', 'a bug, as are several lines with a stack', 'report it'],
  ]),
};

/** Errors of `healthcheck` and `probe`. */
import { type ErrorGroup, entriesOf } from './error-entry.ts';

export const probeErrors: ErrorGroup = {
  title: 'healthcheck and probe',
  about:
    'Exit 1 if the relay is not well, 2 otherwise. What a probe finds is in its report, by check: [seen from outside](operating.md#seen-from-outside).',
  entries: entriesOf([
    [
      '<url>: <problem>',
      'exit 1: a status other than 200 with its reason, no answer in time, or a system code',
      '[when something is wrong](operating.md#when-something-is-wrong)',
    ],
    [
      'there is no metrics listener to ask: give the URL of /healthz',
      'the settings switch the metrics off',
      'as it says',
    ],
    ['healthcheck takes an http:// or https:// URL, such as <url>', 'it is no such URL', 'as it says'],
    ['healthcheck takes one URL; see help healthcheck', 'there is more than one argument', 'leave one out'],
    [
      '<command> takes one address, such as ws://127.0.0.1:8080; see --help',
      'there is none, or more than one',
      'give one',
    ],
    [
      '<command> takes a ws:// or wss:// address, such as ws://127.0.0.1:8080, not "<address>"',
      'it is no such address',
      'as it says',
    ],
    [
      '--ca is for wss:// addresses',
      'without TLS there is nothing to trust',
      'leave it out, or dial `wss://`',
    ],
    [
      '--ca <file>: takes certificates in PEM, -----BEGIN CERTIFICATE-----',
      'something else is in the file',
      'name the certificate of the authority',
    ],
    ['--every takes a duration from 1s, such as 60s', 'more would be a load, not a look', 'take 60s'],
    [
      '--max-frame-bytes takes <accepted>, not "<size>"',
      'it is no size, or out of range',
      'give what the target was started with',
    ],
    [
      '--server-id takes 1 to <number> visible ASCII characters',
      'a header could not carry it',
      'choose another',
    ],
    [
      '--json and --prometheus exclude each other; --out FILE has the metrics beside --json',
      'both write to stdout',
      'as it says',
    ],
    [
      '--prometheus with --every needs --out FILE',
      'metrics one behind the other on stdout are no exposition',
      'as it says',
    ],
    [
      '<source>: takes one token of at most 512 visible ASCII characters',
      'the file or the variable has something else',
      'put in what `pyrycode-relay token` printed, and nothing more',
    ],
    [
      '--out <file> cannot be written: <code>',
      'exit 2 at the start; later, with `--every`, the probe goes on without',
      'mend the rights, or the disk',
    ],
  ]),
};

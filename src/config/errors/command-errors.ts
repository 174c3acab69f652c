/** Errors of the commands beside the daemon. */
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

export const conformanceErrors: ErrorGroup = {
  title: 'conformance, paths and charts',
  about: 'Exit 2; what fails is in the report, and makes it 1.',
  entries: entriesOf([
    [
      '<address> does not answer as a relay: <reason>',
      'every path would fail for this reason',
      'mend the address; with a certificate of your own give `--ca`',
    ],
    [
      '<address> does not answer as a relay: a phone of an unknown server-id expected 4404, got <close>',
      'something else answers there',
      'mend the address',
    ],
    [
      'expected 101, got HTTP <status><advice>',
      'the handshake was refused',
      '429: start the target with `--rate-burst 0`',
    ],
    [
      'the question could not be put: <problem>',
      'no ordinary connection came about, behind which `--differences` asks',
      'see that the paths pass first',
    ],
    [
      'no answer to the handshake in <number> ms',
      'the target took the connection, and is silent',
      'look at what is in front of it',
    ],
    [
      '--<flag> takes a whole number from <least> to <most>, not "<value>"',
      'it is no number, or out of range',
      'as it says',
    ],
    [
      '--<flag> takes a duration such as 500ms, 30s or 2m, not "<value>"',
      'the unit is missing, or it is 0',
      'as it says',
    ],
    ['--<flag> <file> cannot be written: <code>', 'the results would be lost', 'mend the rights'],
    [
      '--only <id>: there is no path, timer or difference of this id with --max-phones <number>; see pyrycode-relay paths',
      'the id is of a run with another cap',
      'give the `--max-phones` of that run',
    ],
    ['--<flag> is for --timers', 'the timer is measured only with it', 'add `--timers`'],
    ['paths takes no argument, not "<argument>"; see --help', 'it only has flags', 'leave it out'],
    [
      'charts takes one of <charts>, not "<argument>"',
      'there is no such chart',
      'name one of these, or none for all',
    ],
    [
      'the drawings are not beside this program: the npm package and the image have them',
      '`charts --format mermaid` prints what is in `diagrams`',
      'install the package, or use another format',
    ],
  ]),
};

export const recordingErrors: ErrorGroup = {
  title: 'record and replay',
  about: 'Exit 2, but for the first three: exit 1. A recording that is refused says in which line.',
  entries: entriesOf([
    [
      'cannot record from <url> to <file>: <problem>',
      'nothing answers, or not with a recording, or the file cannot be written',
      'start the relay with `--inspect-listen`',
    ],
    [
      'it answers <status>',
      'a part of the line above: no inspector is there',
      'give the address of `--inspect-listen`',
    ],
    [
      'nothing comes for <number> s',
      'the same: the relay is stalled, or something else took the connection',
      'look at the relay',
    ],
    [
      '--inspect takes an http:// address of this machine, such as http://127.0.0.1:9091',
      'the inspector answers its own machine only',
      'run it there',
    ],
    [
      'record takes --inspect URL and --out FILE, and no argument; see --help',
      'one of the two is missing',
      'give both',
    ],
    [
      'replay takes one file, as pyrycode-relay record writes it; see --help',
      'there is none, or more than one',
      'give one',
    ],
    [
      '--server: the recording has no such server-id; it has <number> others',
      'with short ids it is S1, S2 ...',
      'take one that `replay` prints',
    ],
    [
      '--serve shows at most <number> bytes of steps, and this recording has more: choose a server-id with --server, or print it without --serve',
      'a page could not show so much',
      'as it says',
    ],
    [
      '--serve shows at most <number> events of a server-id, and there are more (line <number>); without --serve they are printed',
      'a page could not show so much',
      'as it says',
    ],
    ['the page is not beside this program', 'the installation is not whole', 'install the package again'],
    ['<file>: longer than <number> bytes, which no recording is', 'it is another file', 'name the recording'],
    [
      'longer than <number> bytes, which no recording is',
      'the same, of what a relay sends',
      'name the relay',
    ],
    ['<file>: no recording', 'it is empty', 'record again'],
    ['line <number>: <problem>', 'one of the next follows', 'record again'],
    ['not JSON; was the file cut off?', 'a line is not whole', 'copy the file again'],
    [
      'a recording in format <format>, and this relay reads format <format> only: replay it with the pyrycode-relay that wrote it, version <version>',
      'it is of another version',
      'as it says',
    ],
    ['nothing there', 'the first line is missing', 'record again'],
    [
      'ends with <number> where <number> server-ids and <number> records were announced',
      'the end is missing',
      'copy the file again',
    ],
    ['server-id <id> was here before', 'the file was put together by hand', 'record again'],
    ['more than <number> server-ids, which no recording has', 'the same', 'record again'],
    ['server-id <id> is not the one whose records these are', 'the same', 'record again'],
    ['more than <number> records, which no recording has', 'the same', 'record again'],
    ['longer than <number> bytes', 'the same, of one line', 'record again'],
    ['empty, which only lines at the end may be', 'the same', 'record again'],
  ]),
};

/** Errors of `record` and `replay`. */
import { type ErrorGroup, entriesOf } from './error-entry.ts';

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

/** Errors of `conformance`, `paths` and `charts`. */
import { type ErrorGroup, entriesOf } from './error-entry.ts';

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

/** Errors of settings: what was typed, what goes together, and where the relay may run. */
import { type ErrorGroup, entriesOf } from './error-entry.ts';

export const commandLineErrors: ErrorGroup = {
  title: 'Command line',
  about: 'Exit 2.',
  entries: entriesOf([
    [
      'unknown flag <flag><meant>; see --help',
      'there is no such flag',
      'take the one that is suggested, or look in `help all`',
    ],
    ['unknown flag "<flag>"<meant>', 'the command has no such flag', 'see `help COMMAND`'],
    [
      '<flag> is given twice',
      'one of the two is a mistake, and nobody would see which counts',
      'leave one out',
    ],
    ['<flag> takes no value', 'it is a switch of the program, such as `--help`', 'give it alone'],
    [
      '<flag> takes no separate value: <flag> or <flag>=false',
      'a switch is on when it is given',
      'write `--flag` or `--flag=false`',
    ],
    ['<flag> needs a value', 'the command line ends behind it, or its value is empty', 'give it one'],
    ['<flag> needs a value: <accepted>', 'the same, for a setting', 'give it a value of this form'],
    [
      '<flag> needs a value; one that begins with a dash is given as <flag>=VALUE',
      'what follows looks like the next flag',
      'give it a value, or write `--flag=VALUE`',
    ],
    [
      'unexpected argument <argument>: every setting is a --flag; see --help',
      'it is neither a flag nor a command',
      'look for a missing `--`, or for a blank in a value that needs quotes',
    ],
    [
      'there is no command <word> (did you mean <command>?)',
      'a command is misspelt',
      'use the one that is named',
    ],
    ['there is no command, group or flag <topic>; see help', '`help` knows no such word', 'see `help`'],
    ['--<flag> takes <accepted>, not <value>', 'the value has another form', 'give one of those it accepts'],
    ['--<flag> takes <accepted>, not "<value>"', 'the same, in a command', 'give one of those it accepts'],
    [
      'token takes no arguments but flags; see help token',
      'a token is made, not given',
      'leave the argument out',
    ],
    [
      '--server-id has no blanks at its ends, no line break, no # at its start, and at most 128 bytes',
      'a line of the token file could not carry it',
      'choose another server-id',
    ],
  ]),
};

export const valueErrors: ErrorGroup = {
  title: 'Settings',
  about:
    'Exit 2 at a start; at a reload nothing changes, and the log says `reload refused` with the same text. `<setting>` is where it was set: `--grace`, `PYRYCODE_RELAY_GRACE`, or `relay.toml:3: grace`. `check-config` names all at once.',
  entries: entriesOf([
    [
      '<setting> takes <accepted>, not <value>',
      'the value has another form, or is out of range',
      'give one of those it accepts',
    ],
    [
      '<setting> does not go with <other>: <because>',
      'the two contradict each other',
      'leave one of them out',
    ],
    [
      '<setting> needs <flags>: <because>',
      'alone, it does nothing',
      'give one of these too, or leave it out',
    ],
    [
      'it serves plain ws:// only',
      'why `--insecure-listen` goes with nothing of TLS',
      'choose plain or TLS; a relay has one of them',
    ],
    ['a certificate serves with its key', 'why `--tls-cert` needs `--tls-key`', 'name the file of the key'],
    [
      'a key serves with its certificate',
      'why `--tls-key` needs `--tls-cert`',
      'name the file of the certificate',
    ],
    [
      "it is for certificates from Let's Encrypt",
      'why the settings of ACME need `--domain`, and exclude `--tls-cert`',
      'leave it out, or take certificates by `--domain`',
    ],
    ['TLS needs a certificate', 'why `--https-listen` needs `--tls-cert` or `--domain`', 'give one of them'],
    [
      'it is for the TLS listener; the plain one has --proxy-protocol',
      'why `--https-proxy-protocol` needs TLS',
      'take `--proxy-protocol`',
    ],
    [
      'it is for the plain listener; the TLS one has --https-proxy-protocol',
      'why `--proxy-protocol` needs `--insecure-listen`',
      'take `--https-proxy-protocol`',
    ],
    [
      'it is for wakes through FCM',
      'why `--fcm-project` and `--fcm-endpoint` need `--fcm-credentials`',
      'give the credentials, or leave it out',
    ],
    [
      'it believes anyone, and not only these proxies',
      'why `--trust-x-forwarded-for` excludes `--trusted-proxy`',
      'keep `--trusted-proxy`',
    ],
    [
      '<backlog> cannot hold one frame of <frame>: raise the backlog to at least <size> or lower the frame to at most <size>',
      'a frame that is accepted must fit into the queue of a phone',
      'as it says',
    ],
    [
      '<binaries> and <phones> are more than 100 per cent together',
      'places are reserved for both roles',
      'lower one',
    ],
    [
      '<delay> and <spread> leave no time for backlogs before <deadline>: raise the deadline above their sum',
      'the drain would end with a cut',
      'raise `--drain-deadline`',
    ],
    [
      '--<flag> names no network',
      'an embedding program gave an address that is none',
      'give addresses, CIDRs, `loopback` or `private`',
    ],
    [
      'option <name> is out of range or of the wrong type: --<flag> takes <accepted>',
      'the same for a program that embeds the relay',
      'give one of those it accepts',
    ],
    [
      'unknown option <names>; there are <names>',
      'an embedding program gave an option that there is not',
      'look for a misspelling',
    ],
    ['the relay is shutting down', 'a SIGHUP came behind a SIGTERM', 'nothing'],
  ]),
};

export const bootErrors: ErrorGroup = {
  title: 'Where it runs',
  about: 'Exit 2, before anything listens.',
  entries: entriesOf([
    ['no listener: start with <ways>', 'nothing says how to listen', 'take one of these ways'],
    ['<setting> and <setting> both listen on <address>', 'two listeners cannot share an address', 'move one'],
    [
      '<setting> <address> and <setting> <address> collide: one of them takes every address',
      'with the same port, `:PORT` takes the other address too',
      'move one to another port',
    ],
    [
      '<variable> takes exactly 1, or is not set at all; not <value>',
      'any other value could mean either',
      'set it to `1`, or unset it',
    ],
    [
      '<variable> is set, and that platform may run several machines: a server-id and its phones must reach the same process. Run one machine, and set <variable>=1',
      'with two machines, a phone may reach the one where its binary is not',
      'scale to one machine, then set the variable',
    ],
    [
      '<setting> is refused in production (<variable>=1): it serves without TLS',
      'in production the relay serves TLS itself',
      'give `--domain` or `--tls-cert`, or unset the variable behind a proxy that ends TLS',
    ],
    [
      'refused in production (<variable>=1): <privilege>',
      'the process may do more than it needs; one of the next three follows',
      'take the rights away, as the unit in `deploy` does',
    ],
    [
      'root (effective uid 0): run as a user of its own',
      'a hole in the relay would be a hole in the machine',
      '`User=` or `DynamicUser=` in the unit, `USER` in a Dockerfile',
    ],
    [
      'unknown capabilities: /proc/self/status does not say',
      'the relay cannot see its rights',
      'mount `/proc`',
    ],
    [
      'capabilities <names>: drop all but <name>, which ports below 1024 need',
      'the process has more Linux capabilities than it needs',
      '`CapabilityBoundingSet=`, or `--cap-drop all --cap-add NET_BIND_SERVICE`',
    ],
  ]),
};

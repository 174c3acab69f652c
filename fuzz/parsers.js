/** Parsers of what comes from outside, with samples, and with what must hold for any input. */
import { isIP } from 'node:net';
import { BinaryTokens } from '../dist/admission/binary-tokens.js';
import { clientAddress } from '../dist/admission/client-address.js';
import { TrustedProxies } from '../dist/admission/trusted-proxies.js';
import { parseConfigFile } from '../dist/config/config-file.js';
import { ConfigError, readCommand } from '../dist/config/read-config.js';
import { settings } from '../dist/config/settings.js';
import { RecordingReader } from '../dist/inspect/read-recording.js';
import { STATES } from '../dist/inspect/recorded-state.js';
import { RecordingError } from '../dist/inspect/recording-error.js';
import { ServerReplay } from '../dist/inspect/replay.js';
import { readBinaryEnvelope } from '../dist/protocol/binary-envelope.js';
import { collectHeaders } from '../dist/protocol/header-values.js';
import { readPhoneMessage } from '../dist/protocol/phone-message.js';
import { readProxyHeader } from '../dist/protocol/proxy-header.js';
import { checkRequest, REQUEST_FAULTS } from '../dist/protocol/request-check.js';
import { MAX_SERVER_ID_BYTES } from '../dist/protocol/request-limits.js';
import { readTarget } from '../dist/protocol/request-target.js';
import { explainHeaderFault, readRoutingHeaders } from '../dist/protocol/routing-headers.js';

/** An error quotes its input, and shortens it. */
const MAX_ERROR_CHARS = 600;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @param {boolean} holds @param {string} problem */
const must = (holds, problem) => {
  if (!holds) throw new Error(problem);
};

/**
 * @param {Buffer} bytes
 * @returns {{ isText: boolean, value?: unknown }} no value: not JSON
 */
const parseJson = (bytes) => {
  let text;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { isText: false };
  }
  try {
    return { isText: true, value: JSON.parse(text) };
  } catch {
    return { isText: true };
  }
};

/** @param {() => void} act @param {new (...args: any[]) => Error} Kind that it may throw */
const mayThrow = (act, Kind) => {
  try {
    act();
  } catch (error) {
    if (!(error instanceof Kind)) throw error;
    must(error.message.length <= MAX_ERROR_CHARS, `an error of ${error.message.length} characters`);
    // oxlint-disable-next-line no-control-regex -- these are what must not be there
    must(!/[\u0000-\u0009\u000b-\u001f\u007f]/.test(error.message), 'a control character in an error');
  }
};

/**
 * @typedef {object} Parser
 * @property {readonly string[]} samples one character per byte
 * @property {(bytes: Buffer) => void} check throws if something does not hold
 */

const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';
const HEAD =
  'Host: relay\nUser-Agent: pyry\nX-Pyrycode-Server: s-1\nX-Pyrycode-Version: 1\nX-Pyrycode-Token: t';
const trusted = TrustedProxies.of(['loopback', '10.0.0.0/8', '2001:db8::/32']);
if (trusted === undefined) throw new Error('no networks');
const proxies = trusted;
const peer = /** @type {const} */ ({ address: '127.0.0.1', source: 'socket' });

const unclaimed = { state: 'unclaimed', status: 'active', binaryId: null, phones: [], claimants: [] };
const held = { ...unclaimed, state: 'claimed.held.live', binaryId: 'B1' };
const RECORDING = [
  {
    ...{
      format: 'pyrycode-relay-recording',
      version: 2,
      relay: '0.1.0',
      recordedAt: '2026-11-27T00:00:00.000Z',
    },
    ...{ config: { maxPhones: 16, graceMs: 30_000, probeTimeoutMs: 10_000 }, servers: 1, records: 2 },
  },
  { server: 'S1', before: unclaimed },
  { t: 0, server: 'S1', event: { type: 'binary.claimed', connId: 'B1' }, after: held },
  {
    t: 5,
    server: 'S1',
    event: { type: 'phone.registered', connId: 'P1' },
    after: { ...held, phones: ['P1'] },
  },
]
  .map((line) => `${JSON.stringify(line)}\n`)
  .join('');

const EVENTS = [
  { type: 'phone.unheard', connId: 'P1' },
  { type: 'phone.ended', connId: 'P1', binaryId: 'B1', closeCode: 1001 },
  { type: 'phone.left', connId: 'P1' },
  { type: 'phone.dismissed', connId: 'P1', closeCode: 4401, isTooLong: false },
  { type: 'binary.claimed', connId: 'B2' },
  { type: 'binary.answered', connId: 'B1' },
  { type: 'binary.left', connId: 'B1' },
  { type: 'drain' },
  { type: 'xstate.stop' },
]
  .map((event, t) => `${JSON.stringify({ t, server: 'S1', event, after: held })}\n`)
  .join('');

/** As the replay command does: each server-id through its chart. */
const replayOf = () => {
  /** @type {import('../dist/inspect/read-recording.js').RecordingPart & { kind: 'header' } | undefined} */
  let header;
  /** @type {ServerReplay | undefined} */
  let chart;
  return (/** @type {import('../dist/inspect/read-recording.js').RecordingPart} */ part) => {
    if (part.kind === 'header') header = part;
    else if (part.kind === 'record') chart?.step(part.record);
    else if (header !== undefined) chart = new ServerReplay(part.server, header.header.config);
  };
};

/** @type {Record<string, Parser>} */
export const parsers = {
  envelope: {
    samples: [
      '{"conn_id":"c-0123456789abcdef","frame":{"v":2,"type":"noise_msg","data":"AAAA"}}',
      '{"conn_id":"c-0123456789abcdef","frame":null,"close_code":4401}',
      '{"push_wake":{"platform":"fcm","token":"t"},"conn_id":""}',
      '{"frame":[1.5e3,"\\u00e4\\n",true],"x":[{}],"conn_id":"c-1","close_code":0}',
    ],
    check: (bytes) => {
      const { isText, value } = parseJson(bytes);
      const envelope = readBinaryEnvelope(bytes);
      if (!isText || envelope.kind === 'fault' || envelope.kind === 'pushWake') return;
      must(typeof value === 'object' && value !== null, 'an envelope of what is no JSON object');
      const { frame, conn_id: connId } = /** @type {Record<string, unknown>} */ (value); // Just checked.
      must(typeof connId === 'string', 'a conn id that is no text');
      if (envelope.frame === undefined) return;
      const read = parseJson(Buffer.from(envelope.frame)).value;
      must(JSON.stringify(read) === JSON.stringify(frame), 'another frame than JSON.parse finds');
    },
  },
  phone_message: {
    samples: [
      '{"v":2,"type":"noise_init","data":"AAAA+/=="}',
      ' [1,-0.5e-7,"\\ud83d",null] ',
      '"text"',
      'true',
      '[[[[[{}]]]]]',
    ],
    check: (bytes) => {
      const { isText, value } = parseJson(bytes);
      const message = readPhoneMessage(bytes);
      if (isText) must((message !== undefined) === (value !== undefined), 'JSON.parse is of another opinion');
      if (message !== undefined) must(message.length <= bytes.length, 'longer than what came');
    },
  },
  proxy_header: {
    samples: [
      `${SIGNATURE}\x21\x11\0\x0c\x7f\0\0\x01\x0a\0\0\x02\x10\x00\x20\x00GET / HTTP/1.1`,
      `${SIGNATURE}\x21\x21\0\x24${'\x20\x01\x0d\xb8'.repeat(8)}\x10\x00\x20\x00GET /`,
      `${SIGNATURE}\x20\x00\0\0`,
      'PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n',
    ],
    check: (bytes) => {
      const header = readProxyHeader(bytes);
      if (header.kind === 'incomplete') return;
      const longer = readProxyHeader(Buffer.concat([bytes, Buffer.from('more')]));
      must(JSON.stringify(longer) === JSON.stringify(header), 'more bytes change what was read');
      if (header.kind !== 'header') return;
      must(header.bytes <= bytes.length, 'a header that is longer than what came');
      must(isIP(header.address) !== 0, 'an address that is none');
    },
  },
  request_headers: {
    samples: [
      HEAD,
      `${HEAD}\nX-Forwarded-For: 192.0.2.1, [2001:db8::1]:80, 10.0.0.1\nX-Pyrycode-Device-Name: phone`,
      'Host: a\nHost: b\nContent-Length: 00\nTransfer-Encoding: chunked\nX-Pyrycode-Server: \t\u00e4 ',
    ],
    check: (bytes) => {
      const lines = bytes.toString('latin1').split('\n');
      const headers = collectHeaders(
        lines.flatMap((line) => [
          line.slice(0, Math.max(0, line.indexOf(':'))),
          line.slice(line.indexOf(':') + 1),
        ]),
      );
      const fault = checkRequest({ httpVersion: '1.1', headers, authority: undefined });
      if (fault !== undefined) must(Object.hasOwn(REQUEST_FAULTS, fault), 'a fault that has no explanation');
      for (const role of /** @type {const} */ (['binary', 'phone'])) {
        const read = readRoutingHeaders(role, headers);
        if ('problem' in read) must(explainHeaderFault(read).length < 100, 'a long explanation');
        else must(Buffer.byteLength(read.serverId) <= MAX_SERVER_ID_BYTES, 'a long server-id');
      }
      for (const isEverybodyTrusted of [true, false]) {
        const { address } = clientAddress(peer, headers, { proxies, isEverybodyTrusted });
        must(isIP(address) !== 0, 'an address that is none');
      }
    },
  },
  request_target: {
    samples: [
      '/v1/server',
      '/v1/client?x=1#y',
      'ws://relay:80/v1/client',
      'http://[::1]:8080/%2e%2e/healthz',
      '*',
      '//a/b',
    ],
    check: (bytes) => {
      const { path, authority } = readTarget(bytes.toString('latin1'));
      must(path.length <= bytes.length + 1, 'a path that is longer than the target');
      if (authority !== undefined)
        must(authority.length <= bytes.length, 'an authority that is longer than the target');
    },
  },
  config_file: {
    samples: [
      'insecure-listen = "127.0.0.1:8080"\nmax-phones = 8\n# comment\ngrace = "30s"\ntrusted-proxy = "loopback"\n',
      'domain = "a.example.org,b.example.org"\n[table]\nx = [1, 2]\n"log-level" = "warn"\n',
      'max-frame-bytes = "256KiB"\nproxy-protocol = true\nrate-every = 1979-05-27T07:32:00Z\nx = """a\nb"""\n',
    ],
    check: (bytes) => mayThrow(() => parseConfigFile('relay.toml', bytes.toString()), ConfigError),
  },
  flags: {
    samples: [
      '--insecure-listen\x00127.0.0.1:0\0--max-phones=4\0--grace\x0030s',
      '--domain\0relay.example.org\0--rate-burst\x000\0--trusted-proxy\x0010.0.0.0/8,private',
      `--tls-cert\0c.pem\0--tls-key\0k.pem\0--${Object.values(settings)
        .map(({ flag }) => flag)
        .join('\0--')}`,
    ],
    check: (bytes) => {
      const [first = '', ...args] = bytes.toString().split('\0');
      mayThrow(() => void readCommand([first, ...args], { PYRYCODE_RELAY_GRACE: args[1] }), ConfigError);
    },
  },
  recording: {
    samples: [
      RECORDING,
      RECORDING.replace('"maxPhones":16', '"maxPhones":0'),
      ...STATES.map((state) => RECORDING.replace('"unclaimed"', `"${state}"`) + EVENTS),
    ],
    check: (bytes) =>
      mayThrow(() => {
        const reader = new RecordingReader();
        const half = bytes.length >> 1;
        const replayed = replayOf();
        for (const chunk of [bytes.subarray(0, half), bytes.subarray(half)])
          for (const part of reader.take(chunk)) replayed(part);
        for (const part of reader.end()) replayed(part);
      }, RecordingError),
  },
  token_file: {
    samples: [
      `# tokens\n${'0a'.repeat(32)} server-1\n${'F1'.repeat(32)}\n\n`,
      `${'00'.repeat(32)}\t\u00e4 # no\r\n`,
    ],
    check: (bytes) => {
      const tokens = BinaryTokens.parse(bytes.toString());
      if (!(tokens instanceof BinaryTokens)) must(tokens.problem.length < 200, 'a long problem');
    },
  },
};

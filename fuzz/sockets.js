/** Inputs for a real relay, over real sockets: upgrade requests, and WebSocket frames. */
import { connect } from 'node:net';
import { clientFrame } from '../bench/load/frames.js';
import { dial, upgradeRequest } from '../load/connection.js';
import { within } from '../load/within.js';
import { makeInput } from './mutate.js';

/** The longest answer to what is no upgrade: a status, headers, a line. A relay that has upgraded sends frames. */
const MAX_ANSWER_BYTES = 4_096;
/** For an input of n bytes a relay may answer n, for a ping, and some. */
const [MAX_FRAMES_ANSWER_FACTOR, MAX_FRAMES_ANSWER_BYTES] = [4, 65_536];
/** Longer than any deadline of the relay. */
const PATIENCE_MS = 30_000;
const FRAMES_PER_CONNECTION = 200;
const AT_ONCE = 48;

/** @typedef {import('../load/connection.js').Target} Target */
/** @typedef {import('../load/random.js').Random} Random */
/** @typedef {(input: Buffer, problem: string) => void} Report */

const pairs = [
  ['GET /v1/client HTTP/1.1', 'Host: relay', 'X-Pyrycode-Server: fuzz'],
  ['GET /healthz HTTP/1.1', 'Host: relay', 'Connection: close'],
  ['POST /v1/server HTTP/1.1', 'Host: relay', 'Content-Length: 5', 'Expect: 100-continue'],
  ['GET ws://relay/v1/client HTTP/1.1', 'Host: relay', 'Transfer-Encoding: chunked'],
  ['PRI * HTTP/2.0', '', 'SM'],
];

/** @param {Target} target */
const requestSamples = (target) =>
  [
    upgradeRequest(target, '/v1/client', 'fuzz'),
    upgradeRequest(target, '/v1/server', 'fuzz-server'),
    ...pairs.map((lines) => `${lines.join('\r\n')}\r\n\r\n`),
  ].map((text) => Buffer.from(text, 'latin1'));

/**
 * Sends a request, perhaps in two pieces, and ends.
 * @param {Target} target
 * @param {Buffer} input
 * @param {Report} report
 */
const tryRequest = async ({ port, host }, input, report) => {
  const socket = connect({ port, host, allowHalfOpen: true });
  let answer = Buffer.alloc(0);
  const ended = new Promise((resolve) => {
    socket.once('close', () => resolve(true));
    socket.once('end', () => resolve(true));
  });
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    answer = Buffer.concat([answer, bytes]);
    // It is upgraded: enough.
    if (answer.includes(' 101 ')) socket.destroy();
  });
  const cut = input.length >> 1;
  socket.write(input.subarray(0, cut));
  socket.end(input.subarray(cut));
  if ((await within(ended, PATIENCE_MS)) === undefined) report(input, 'the connection stays open');
  socket.destroy();
  if (answer.length > MAX_ANSWER_BYTES) report(input, `an answer of ${answer.length} bytes`);
  if (answer.length > 0 && !answer.toString('latin1', 0, 9).startsWith('HTTP/1.1 '))
    report(input, `an answer that is not HTTP: ${answer.toString('latin1', 0, 40)}`);
};

/** Runs `act` in parallel until the time is over. @param {number} untilMs @param {() => Promise<number>} act */
const repeat = async (untilMs, act) => {
  let inputs = 0;
  const work = async () => {
    while (performance.now() < untilMs) inputs += await act();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return inputs;
};

/**
 * @param {Target} target
 * @param {Random} random
 * @param {number} untilMs
 * @param {Report} report
 * @returns {Promise<number>} inputs
 */
export const fuzzRequests = async (target, random, untilMs, report) => {
  const samples = requestSamples(target);
  return await repeat(untilMs, async () => {
    await tryRequest(target, makeInput(samples, random), report);
    return 1;
  });
};

const ping = clientFrame(Buffer.from('ping'), 0x89);
const frameSamples = [
  clientFrame(Buffer.from('{"v":2,"type":"noise_msg","data":"AAAA"}')),
  clientFrame(Buffer.from('{"conn_id":"c-0123456789abcdef","frame":{"v":2}}')),
  clientFrame(Buffer.from('{"conn_id":"c-0123456789abcdef","close_code":4401}'), 0x82),
  ping,
  clientFrame(Buffer.from([3, 232]), 0x88),
  clientFrame(Buffer.from('{"a":'), 0x01),
  clientFrame(Buffer.from('1}'), 0x80),
  clientFrame(Buffer.alloc(70_000, 0x20)).subarray(0, 200),
];

/**
 * Frames on a connection that was upgraded, until the relay closes it or it has had enough.
 * @param {Target} target
 * @param {Random} random
 * @param {Report} report
 * @param {number} number
 */
const tryFrames = async (target, random, report, number) => {
  const isBinary = number % 2 === 0;
  const connection = await dial(
    target,
    isBinary ? '/v1/server' : '/v1/client',
    `fuzz-${isBinary ? number : 'held'}`,
  );
  let received = 0;
  connection.onMessage = ({ length }) => {
    received += length;
  };
  let [sent, sentBytes] = [0, 0];
  /** @type {Buffer[]} */
  const inputs = [];
  while (sent < FRAMES_PER_CONNECTION && !connection.isClosing) {
    // A turn for the answers, now and then: each frame is read by itself then, and not with the others.
    for (let batch = 1 + random.below(20); batch > 0; batch--, sent++) {
      const input = makeInput(frameSamples, random);
      inputs.push(input);
      sentBytes += input.length;
      connection.write(input);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  connection.reset();
  if (received > sentBytes * MAX_FRAMES_ANSWER_FACTOR + MAX_FRAMES_ANSWER_BYTES)
    report(Buffer.concat(inputs), `${received} bytes for ${sentBytes}`);
  await connection.ended;
  return sent;
};

/**
 * Half of them as binaries, half as phones of a binary that is well.
 * @param {Target} target
 * @param {Random} random
 * @param {number} untilMs
 * @param {Report} report
 * @returns {Promise<number>} inputs
 */
export const fuzzFrames = async (target, random, untilMs, report) => {
  const holder = await dial(target, '/v1/server', 'fuzz-held');
  let connections = 0;
  const inputs = await repeat(untilMs, async () => {
    try {
      return await tryFrames(target, random, report, connections++);
    } catch (error) {
      report(Buffer.alloc(0), `a dial failed: ${error instanceof Error ? error.message : String(error)}`);
      return 0;
    }
  });
  if (holder.isClosing) report(Buffer.alloc(0), `the binary was closed with ${await holder.ended}`);
  holder.reset();
  return inputs;
};

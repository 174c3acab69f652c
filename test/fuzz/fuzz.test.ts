/** The fuzzer finds nothing in our parsers and our relay, and finds what is planted. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { makeInput } from '../../fuzz/mutate.js';
import { fuzzRequests } from '../../fuzz/sockets.js';
import { tryParser } from '../../fuzz/try-parser.js';
import { Random } from '../../load/random.js';
import { runTool } from '../load/run-tool.ts';

test('nothing is found in parsers and relay', async () => {
  const { code, stdout } = await runTool('fuzz', ['--seconds', '6', '--seed', '3']);
  const { failures, inputs } = JSON.parse(stdout) as {
    failures: unknown[];
    inputs: Record<string, number>;
  };
  expect(failures).toEqual([]);
  expect(code).toBe(0);
  expect(Object.keys(inputs)).toHaveLength(11);
  expect(Object.values(inputs).every((count) => count > 0)).toBe(true);
});

test('a parser that throws where it may not is found, with the input', async () => {
  const found: Buffer[] = [];
  const check = (bytes: Buffer): void => {
    if (bytes.includes(0)) throw new TypeError('no zeros');
  };
  await tryParser({ samples: ['{"a":1}'], check }, new Random(1), 0, (input) => found.push(input));
  expect(found.length).toBeGreaterThan(0);
  expect(found.every((input) => input.includes(0))).toBe(true);
});

test.each<[string, (socket: Socket) => void, RegExp]>([
  [
    'answers without end',
    (socket) => socket.end(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(100_000)}`),
    /an answer of/,
  ],
  ['answers something else', (socket) => socket.end('SSH-2.0-relay\r\n'), /an answer that is not HTTP/],
])('a relay that %s is found', async (_, answer, expected) => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    answer(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  const target = { isTls: false, host: '127.0.0.1', port, path: '', ca: undefined, token: undefined };
  const problems: string[] = [];
  await fuzzRequests(target, new Random(1), performance.now() + 200, (_input, problem) =>
    problems.push(problem),
  );
  server.close();
  expect(problems).toEqual(expect.arrayContaining([expect.stringMatching(expected) as string]));
});

test('the seed alone decides the inputs', () => {
  const inputs = (seed: number): string[] => {
    const random = new Random(seed);
    return Array.from({ length: 50 }, () => makeInput([Buffer.from('sample')], random).toString('hex'));
  };
  expect(inputs(1)).toEqual(inputs(1));
  expect(inputs(2)).not.toEqual(inputs(1));
});

test('exits with 2 for a wrong command line', async () => {
  const { code, stderr } = await runTool('fuzz', ['--only', 'dreams']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^fuzz: --only takes envelope, .*, frames, not "dreams"\n$/);
});

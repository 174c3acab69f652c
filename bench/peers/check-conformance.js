/** Asks a peer for the paths that it claims, with the relay's own `conformance`, before it is measured. */
import { execFile } from 'node:child_process';

const COMMAND = new URL('../../dist/main.js', import.meta.url).pathname;
/** Short timers and a low cap, so that a check takes seconds. What is measured has the usual ones. */
const ENV = { MAX_PHONES: '2', GRACE: '1s', PROBE_TIMEOUT: '1s' };
const FLAGS = ['--max-phones', '2', '--grace', '1s', '--probe-timeout', '1s', '--patience', '5s'];
/** No path failed, and this machine was too busy to judge some. */
const INCONCLUSIVE = 3;
const ATTEMPTS = 3;

/**
 * @param {string} url
 * @param {readonly string[]} claims flags that say which paths it claims
 * @returns {Promise<{ exitCode: number, lines: string[] }>}
 */
const run = (url, claims) =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [COMMAND, 'conformance', url, ...FLAGS, ...claims],
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ exitCode, lines: `${stdout}\n${stderr}`.split('\n') });
      },
    );
  });

/**
 * @param {(options: import('./start-peer.js').StartOptions) => Promise<import('./start-peer.js').Peer>} start
 * @param {readonly string[]} claims
 * @returns {Promise<string | undefined>} why it must not be measured
 */
export const checkConformance = async (start, claims) => {
  const peer = await start({ env: ENV, isPinned: false });
  try {
    let why = 'this machine is too busy to say';
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { exitCode, lines } = await run(`ws://127.0.0.1:${peer.port}`, claims);
      if (exitCode === 0) return undefined;
      why = lines.find((line) => line.startsWith('FAIL')) ?? lines.findLast((line) => line !== '') ?? why;
      if (exitCode !== INCONCLUSIVE) break;
    }
    return why;
  } finally {
    await peer.stop();
  }
};

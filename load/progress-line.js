/** A live line on stderr: rewritten on a terminal, or a line each second if asked for. */

const INTERVAL_MS = 1_000;

/** @param {{ isAsked: boolean }} options */
export const progressLine = ({ isAsked }) => {
  const isTerminal = process.stderr.isTTY;
  let lastMs = 0;
  return {
    /** @param {string} text */
    say: (text) => {
      if (isTerminal) process.stderr.write(`\r\x1b[K${text}`);
      else if (isAsked && performance.now() - lastMs >= INTERVAL_MS) {
        lastMs = performance.now();
        process.stderr.write(`${text}\n`);
      }
    },
    clear: () => {
      if (isTerminal) process.stderr.write('\r\x1b[K');
    },
  };
};

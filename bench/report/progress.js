/** A progress line on stderr, shown only on a terminal. */

/** @param {string} id of the figure */
export const createProgress = (id) => {
  const isWatched = process.stderr.isTTY;
  return {
    say: (/** @type {string} */ doing) => {
      if (isWatched) process.stderr.write(`\r\x1b[K${id}: ${doing}`);
    },
    clear: () => {
      if (isWatched) process.stderr.write('\r\x1b[K');
    },
  };
};

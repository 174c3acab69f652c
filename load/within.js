/** Patience that ends. */

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {number} ms
 * @returns {Promise<T | undefined>} undefined if it takes longer
 */
export const within = async (promise, ms) => {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await /** @type {Promise<T | undefined>} */ (Promise.race([promise, late]));
  } finally {
    clearTimeout(timer);
  }
};

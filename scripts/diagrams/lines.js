/** Breaks words into lines: Graphviz does not. */

/**
 * @param {string} text
 * @param {number} width in characters; a word that is longer gets a line of its own
 * @returns {string[]}
 */
export const wrap = (text, width) => {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
};

/**
 * A transition's words: what triggers it on one line, what it does on the next, unless both fit into one.
 * @param {string} text
 * @param {number} width
 */
export const wrapTransition = (text, width) => {
  if (text.length <= width) return [text];
  const slash = text.indexOf(' / ');
  if (slash === -1) return wrap(text, width);
  return [...wrap(text.slice(0, slash), width), ...wrap(text.slice(slash + 1), width)];
};

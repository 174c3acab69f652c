/** Wraps text into lines, because Graphviz does not. */

/**
 * @param {string} text
 * @param {number} width in characters; a longer word gets its own line
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
 * Wraps a transition's text: one line if it fits, otherwise the trigger first and the actions on the next line.
 * @param {string} text
 * @param {number} width
 */
export const wrapTransition = (text, width) => {
  if (text.length <= width) return [text];
  const slash = text.indexOf(' / ');
  if (slash === -1) return wrap(text, width);
  return [...wrap(text.slice(0, slash), width), ...wrap(text.slice(slash + 1), width)];
};

/** The few elements of index.html, found or missed loudly. */

export const byId = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`index.html has no #${id}`);
  return found;
};

/** Text is set as text: nothing the relay says becomes markup. */
export const element = (name: string, text = '', className = ''): HTMLElement => {
  const made = document.createElement(name);
  if (text !== '') made.textContent = text;
  if (className !== '') made.className = className;
  return made;
};

/** Only when it differs, so that nothing is laid out anew for nothing. */
export const setText = (target: HTMLElement, text: string): void => {
  if (target.textContent !== text) target.textContent = text;
};

/** Finds and fills the elements of index.html. */

/** @throws if index.html has no element with this id */
export const byId = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`index.html has no #${id}`);
  return found;
};

/** Sets `textContent`, so that nothing from the relay is parsed as markup. */
export const element = (name: string, text = '', className = ''): HTMLElement => {
  const made = document.createElement(name);
  if (text !== '') made.textContent = text;
  if (className !== '') made.className = className;
  return made;
};

/** Skips equal text, to avoid a needless layout. */
export const setText = (target: HTMLElement, text: string): void => {
  if (target.textContent !== text) target.textContent = text;
};

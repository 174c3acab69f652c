/** Finds and fills the elements of index.html. */
import { visibleText } from '../../protocol/visible-text.ts';

/** @throws if index.html has no element with this id */
export const byId = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`index.html has no #${id}`);
  return found;
};

/** Sets `textContent`, so that nothing from the relay is parsed as markup. What cannot be seen is escaped. */
export const element = (name: string, text = '', className = ''): HTMLElement => {
  const made = document.createElement(name);
  if (text !== '') made.textContent = visibleText(text);
  if (className !== '') made.className = className;
  return made;
};

/** Skips equal text, to avoid a needless layout. */
export const setText = (target: HTMLElement, text: string): void => {
  const visible = visibleText(text);
  if (target.textContent !== visible) target.textContent = visible;
};

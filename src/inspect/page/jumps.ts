/** Leads to the parts of a server-id's view. Links cannot: the URL's fragment names the server-id. */
import { byId } from './dom.ts';
import { reveal } from './reveal.ts';

export const listenToJumps = (): void => {
  byId('jumps').addEventListener('click', ({ target }) => {
    const goal = target instanceof HTMLElement ? target.dataset['to'] : undefined;
    if (goal === undefined) return;
    const part = byId(goal);
    reveal(part, 'start');
    // So that the keys act on what is looked at.
    part.querySelector<HTMLElement>('[tabindex="0"]')?.focus({ preventScroll: true });
  });
};

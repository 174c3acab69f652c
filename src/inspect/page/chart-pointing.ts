/** Which part of a chart the user points at or focuses: its transitions, and the boxes that are folded. */
import { edgeHooksOf } from './chart-hooks.ts';

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

const closest = (target: EventTarget | null, selector: string): Element | null =>
  target instanceof Element ? target.closest(selector) : null;

/** @param pointed called with the hooks of the transitions; with none when that ends */
export const listenToPointing = (frame: HTMLElement, pointed: (hooks: readonly string[]) => void): void => {
  const hooksAt = (target: EventTarget | null): readonly string[] => {
    const part = closest(target, '[class*="edge-"]');
    return part === null ? [] : edgeHooksOf(part);
  };
  for (const type of ['pointerover', 'focusin'] as const) {
    frame.addEventListener(type, (event) => pointed(hooksAt(event.target)));
  }
  for (const type of ['pointerleave', 'focusout'] as const) {
    frame.addEventListener(type, () => pointed([]));
  }
};

/** From a label, the arrow keys go to the next one. */
export const listenToLabelKeys = (frame: HTMLElement, labelsNow: () => readonly SVGTextElement[]): void => {
  frame.addEventListener('keydown', (event) => {
    const labels = labelsNow();
    const at = labels.findIndex((label) => label === event.target);
    const step = STEPS[event.key];
    if (at === -1 || step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = labels[(at + step + labels.length) % labels.length];
    labels[at]?.setAttribute('tabindex', '-1');
    next?.setAttribute('tabindex', '0');
    next?.focus();
  });
};

/** @param unfold called with the box that is to be unfolded */
export const listenToFolds = (frame: HTMLElement, unfold: (folded: Element) => void): void => {
  const unfoldAt = (event: Event): void => {
    const folded = closest(event.target, '.folded');
    if (folded === null) return;
    event.preventDefault();
    unfold(folded);
  };
  frame.addEventListener('click', unfoldAt);
  frame.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' || event.key === ' ') unfoldAt(event);
  });
};

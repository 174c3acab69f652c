/** Scrolls the page to a part of it, at once for those who want no motion. */
export const reveal = (part: HTMLElement, block: 'nearest' | 'start'): void => {
  const isCalm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  part.scrollIntoView({ block, behavior: isCalm ? 'auto' : 'smooth' });
};

/** Creates SVG elements for pictures that the page draws itself. What cannot be seen is escaped. */
import { visibleText } from '../../protocol/visible-text.ts';

const SVG = 'http://www.w3.org/2000/svg';

export const svgElement = (
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  text = '',
): SVGElement => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (text !== '') made.textContent = visibleText(text);
  return made;
};

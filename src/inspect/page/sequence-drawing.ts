/** Draws the parts of a sequence diagram: lifelines with their titles, and arrows with their words. */
import type { Arrow } from './sequence-arrows.ts';
import type { Placed } from './sequence-layout.ts';
import { svgElement } from './svg.ts';

export const ROW = 28;
export const HEAD_HEIGHT = 36;
const TITLE = { height: 22, padding: 9, character: 6.7, radius: 6 };
/** Length of the arrow between a lifeline and its socket. */
const STUB = 30;
const TIP = 8;

export const rowY = (index: number): number => HEAD_HEIGHT + (index + 1) * ROW;

/** Where the title of a lifeline stands if it is not carried along. */
export const titleY = ({ first }: Placed): number => rowY(first) - ROW;

/** Whether its title would be covered by the titles at the top, when so much has been scrolled away. */
export const isCarried = (lane: Placed, top: number): boolean =>
  titleY(lane) - TITLE.height / 2 <= top + HEAD_HEIGHT && rowY(lane.last) > top + HEAD_HEIGHT;

/** A line with a filled tip. */
const arrowParts = (x1: number, x2: number, y: number): SVGElement[] => {
  const back = x2 > x1 ? -TIP : TIP;
  return [
    svgElement('path', { class: 'arrow', d: `M${x1} ${y}H${x2 + back / 2}` }),
    svgElement('path', { class: 'tip', d: `M${x2 + back} ${y - 4}L${x2} ${y}L${x2 + back} ${y + 4}z` }),
  ];
};

export const drawLifeline = ({ side, x, first, last, hasEnded }: Placed): SVGElement[] => {
  const bottom = rowY(last);
  const cross = svgElement('path', { class: 'end', d: `M${x - 5} ${bottom - 5}l10 10m0 -10l-10 10` });
  return [
    svgElement('line', { class: `lifeline ${side}`, x1: x, x2: x, y1: rowY(first) - ROW, y2: bottom }),
    ...(hasEnded ? [cross] : []),
  ];
};

/** The box with the name of a lifeline. @param y its middle */
export const drawTitle = ({ side, name, x }: Placed, y: number): SVGElement => {
  const group = svgElement('g', { class: `title ${side}` });
  const width = name.length * TITLE.character + 2 * TITLE.padding;
  group.append(
    svgElement('rect', {
      x: x - width / 2,
      y: y - TITLE.height / 2,
      width,
      height: TITLE.height,
      rx: TITLE.radius,
    }),
    svgElement('text', { class: 'name', x, y: y + 4, 'text-anchor': 'middle' }, name),
  );
  return group;
};

/** An actor's own events, and events to and from its socket. Drawn on the side away from the server. */
export const drawBeside = ({ kind, text }: Arrow, { side, x }: Placed, y: number): SVGElement[] => {
  const outwards = side === 'binary' ? -1 : 1;
  const dot = x + outwards * STUB;
  const anchor = outwards === 1 ? 'start' : 'end';
  const textX = (kind === 'self' ? x : dot) + outwards * 8;
  const words = svgElement('text', { x: textX, y: y + 4, 'text-anchor': anchor }, text);
  if (kind === 'self') return [words];
  const [start, tip] = kind === 'to-socket' ? [x, dot - outwards * 4] : [dot, x];
  return [
    words,
    svgElement('circle', { class: 'socket', cx: dot, cy: y, r: 3.5 }),
    ...arrowParts(start, tip, y),
  ];
};

/** The text stands at the server, where all such arrows begin or end. */
export const drawBetween = ({ text }: Arrow, from: Placed, to: Placed, y: number): SVGElement[] => {
  const [server, other] = from.side === 'server' ? [from, to] : [to, from];
  const [offset, anchor] = other.x > server.x ? [14, 'start'] : [-14, 'end'];
  return [
    svgElement('text', { x: server.x + offset, y: y - 5, 'text-anchor': anchor }, text),
    ...arrowParts(from.x, to.x, y),
  ];
};

/** Grouped bar charts as SVG, legible in light and dark mode. */
import { mkdirSync, writeFileSync } from 'node:fs';

const dir = new URL('../../docs/performance/', import.meta.url);

const WIDTH = 720;
const LEFT = 132;
const RIGHT = 64;
const TOP = 40;
const BAR = 16;
const BAR_GAP = 3;
const GROUP_GAP = 22;
/**
 * A relay has the same colour in each chart. Alternates light and dark, so that colour-blind readers can tell the bars apart.
 * @type {Readonly<Record<string, string>>}
 */
const COLOURS = {
  ours: '#2f6fde',
  naive: '#d9822b',
  'naive + bufferutil': '#8f5a12',
  'frames as events': '#8a63d2',
  Go: '#4c9a6a',
  Rust: '#7fb8e6',
  'bare pipe': '#c2557a',
  HAProxy: '#5c5f66',
};
/** Of what is none of these. */
const OTHER_COLOUR = '#a0a4ab';

/** @param {string} text */
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** @param {number} value */
const label = (value) => (value >= 100 ? String(Math.round(value)) : value.toPrecision(2));

/**
 * Each group has its own scale, because the chart compares relays within a load, not loads.
 * @param {import('../figures/figure.d.ts').Plot} plot
 */
const draw = ({ title, unit, labels, series }) => {
  const groupHeight = series.length * (BAR + BAR_GAP) + GROUP_GAP;
  const height = TOP + labels.length * groupHeight;
  const room = WIDTH - LEFT - RIGHT;
  const groups = labels.map((group, g) => {
    const top = TOP + g * groupHeight;
    const most = Math.max(...series.map(({ values }) => values[g] ?? 0));
    const bars = series.map(({ name, values }, s) => {
      const value = values[g];
      const y = top + s * (BAR + BAR_GAP);
      const width = ((value ?? 0) / most) * room;
      const text = value === null || value === undefined ? '–' : `${label(value)} ${unit}`;
      return `  <rect x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2" fill="${COLOURS[name] ?? OTHER_COLOUR}"/>
  <text x="${LEFT - 8}" y="${y + 12}" text-anchor="end">${escape(name)}</text>
  <text x="${(LEFT + width + 6).toFixed(1)}" y="${y + 12}">${escape(text)}</text>`;
    });
    return `  <text x="8" y="${top + 12}" class="group">${escape(group)}</text>\n${bars.join('\n')}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(title)}">
  <style>
    text { font: 12px system-ui, sans-serif; fill: #1f2328; }
    .title { font-size: 15px; font-weight: 600; }
    .group { font-weight: 600; }
    @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } }
  </style>
  <text x="8" y="22" class="title">${escape(title)}</text>
${groups.join('\n')}
</svg>
`;
};

/** @param {readonly import('../figures/figure.d.ts').Plot[]} plots */
export const drawPlots = (plots) => {
  if (plots.length > 0) mkdirSync(dir, { recursive: true });
  for (const plot of plots) writeFileSync(new URL(plot.file, dir), draw(plot));
};

/** Colours of the pictures by use, each for light and dark mode. */

/** @typedef {{ readonly light: string, readonly dark: string }} Colour */

const PALETTE = /** @type {const} @satisfies {Record<string, Colour>} */ ({
  card: { light: '#ffffff', dark: '#14181f' },
  group: { light: '#f5f7fa', dark: '#1a202a' },
  box: { light: '#ffffff', dark: '#232b38' },
  end: { light: '#e6eaf0', dark: '#333d4d' },
  border: { light: '#5b6b82', dark: '#8696ad' },
  ink: { light: '#1b2430', dark: '#e8edf5' },
  quiet: { light: '#5a6675', dark: '#a7b3c4' },
  guard: { light: '#8a3ffc', dark: '#c4a1ff' },
  step: { light: '#b3261e', dark: '#ff9d8a' },
  action: { light: '#0b6b5c', dark: '#5fd6c0' },
});

/** @typedef {keyof typeof PALETTE} Paint */

/** Class (or selector), CSS property, and colour. */
const RULES = /** @type {const} @satisfies {readonly (readonly [string, 'fill' | 'stroke', Paint])[]} */ ([
  ['card', 'fill', 'card'],
  ['card', 'stroke', 'border'],
  ['group', 'fill', 'group'],
  ['group', 'stroke', 'border'],
  ['box', 'fill', 'box'],
  ['box', 'stroke', 'border'],
  ['end > .box', 'fill', 'end'],
  ['rule', 'stroke', 'border'],
  ['dot', 'fill', 'ink'],
  ['dot', 'stroke', 'ink'],
  ['line', 'stroke', 'ink'],
  // An outline keeps labels readable where they cross a line.
  ['edge > text', 'stroke', 'group'],
  ['head', 'fill', 'ink'],
  ['head', 'stroke', 'ink'],
  ['step', 'fill', 'step'],
  ['number', 'fill', 'card'],
  ['name', 'fill', 'ink'],
  ['reaction', 'fill', 'ink'],
  ['description', 'fill', 'quiet'],
  ['guard', 'fill', 'guard'],
  ['action', 'fill', 'action'],
]);

/** @param {keyof Colour} scheme */
const rulesFor = (scheme) =>
  RULES.map(([target, property, paint]) => `.chart .${target}{${property}:${PALETTE[paint][scheme]}}`).join(
    '\n',
  );

/** Light colours by default; dark ones under `prefers-color-scheme: dark`. */
export const STYLE = `<style>
.chart text{font-family:Arial,'Liberation Sans',Helvetica,sans-serif}
.chart .name,.chart .number{font-weight:bold}
.chart .line{fill:none}
.chart .edge>text{paint-order:stroke;stroke-width:3px;stroke-linejoin:round}
.chart .edge>.number{stroke:none}
${rulesFor('light')}
@media (prefers-color-scheme:dark){
${rulesFor('dark')}
}
</style>`;

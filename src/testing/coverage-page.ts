/** The coverage of charts as one HTML file: each chart as nested boxes, green where it was exercised and red where not. */
import type { AnyStateMachine } from 'xstate';
import type { StateNode } from '../machines/active-states.ts';
import { type ChartReport, type CoveragePart, countOf, countOfPairs, KINDS } from './coverage-report.ts';

export interface ChartPage {
  readonly machine: AnyStateMachine;
  readonly report: ChartReport;
  /** A drawing, painted like the boxes: `state-door__open` is the class of a state, `edge-door__open--door__held--0` of a transition. */
  readonly svg?: string;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
]);
const escape = (text: string): string => text.replaceAll(/[&<>"]/g, (char) => ESCAPES.get(char) ?? char);

/** As scripts/diagrams/hooks.js names the parts of a drawing. */
const slug = (dotted: string): string => dotted.replaceAll(/[^A-Za-z0-9.-]/g, '_').replaceAll('.', '__');
const stateClass = (id: string): string => `state-${slug(id)}`;
const edgeClass = (source: string, event: string, index: number): string =>
  `edge-${slug(source)}--${slug(event === '' ? 'always' : event)}--${index}`;

/** A sign as well as a colour, for those who do not tell red from green. */
const SIGNS = { covered: '✓', missed: '✗', excepted: '○' } as const;

const line = ({ name, result, reason }: CoveragePart): string =>
  `<li class="${result}"><b>${SIGNS[result]}</b> ${escape(name)}${reason === undefined ? '' : ` <i>${escape(reason)}</i>`}</li>`;

/** The name of a part without the state's id, in the box of that state. */
const within = (id: string, part: CoveragePart): CoveragePart => ({
  ...part,
  name: part.name.replace(`${id} `, '').replace(` of ${id}`, ''),
});

const boxOf = (node: StateNode, report: ChartReport): string => {
  const state = report.states.find(({ name }) => name === node.id);
  const lines = (['transitions', 'guards', 'delays'] as const).flatMap((kind) =>
    report[kind].filter(({ at }) => at.source === node.id).map((part) => line(within(node.id, part))),
  );
  const children = Object.values(node.states).map((child) => boxOf(child, report));
  const result = state?.result ?? 'missed';
  const why = state?.reason === undefined ? '' : ` <i>${escape(state.reason)}</i>`;
  return `<section class="box ${result}"><h3><b>${SIGNS[result]}</b> ${escape(node.key)}${why}</h3>
${lines.length > 0 ? `<ul>${lines.join('\n')}</ul>` : ''}${children.length > 0 ? `<div class="boxes">${children.join('\n')}</div>` : ''}</section>`;
};

/** A transition is green if it was taken; a state, if it was active. */
const paint = (chart: string, { states, transitions }: ChartReport): string =>
  [
    ...states.map(
      ({ at, result }) =>
        `#${chart} .${stateClass(at.source)}>:is(path,rect,polygon):first-of-type{stroke:var(--${result})}`,
    ),
    ...transitions.map(({ at, result }) => {
      const label = `#${chart} text.${edgeClass(at.source, at.event ?? '', at.index ?? 0)}`;
      return `${label},${label} *{fill:var(--${result})}`;
    }),
  ].join('\n');

const chartPart = ({ machine, report, svg }: ChartPage, n: number): string => {
  const pairs = report.pairs;
  const counts = [
    ...KINDS.map((kind) => countOf(report, kind)),
    ...(pairs === undefined ? [] : [countOfPairs(pairs)]),
  ];
  const missedPairs = pairs?.missed ?? [];
  const exceptedPairs = pairs?.excepted ?? [];
  return `<article id="chart-${n}"><h2>${escape(report.chart)}</h2><p>${counts.map(escape).join(' · ')}</p>
${svg === undefined ? '' : `<style>${paint(`chart-${n}`, report)}</style><div class="drawing">${svg}</div>`}
${boxOf(machine.root, report)}
${missedPairs.length === 0 ? '' : `<details><summary>Pairs that never followed each other</summary><ul>${missedPairs.map((pair) => `<li>${escape(pair)}</li>`).join('\n')}</ul></details>`}
${exceptedPairs.length === 0 ? '' : `<details><summary>Pairs that are excepted</summary><ul>${exceptedPairs.map(({ name, reason }) => line({ name, reason, result: 'excepted', at: { source: '' } })).join('\n')}</ul></details>`}
</article>`;
};

const STYLE = `:root{color-scheme:light dark;--covered:#0b6b2f;--missed:#b3261e;--excepted:#5a6675;--page:#fff;--text:#1b2430}
@media(prefers-color-scheme:dark){:root{--covered:#63d68b;--missed:#ff9d8a;--excepted:#a7b3c4;--page:#14181f;--text:#e8edf5}}
body{font:14px/1.45 system-ui,sans-serif;margin:1.5rem;background:var(--page);color:var(--text)}
h3{font-size:1em;margin:0}ul{list-style:none;margin:.3rem 0;padding:0;overflow-wrap:anywhere}
.box{border:2px solid;border-radius:6px;padding:.5rem;margin:.4rem 0}.boxes{display:grid;gap:.5rem;grid-template-columns:repeat(auto-fit,minmax(min(20rem,100%),1fr))}
.box.covered,li.covered b,.covered>h3 b{border-color:var(--covered)}.box.missed{border-color:var(--missed)}.box.excepted{border-color:var(--excepted)}
li.covered,.covered>h3{color:var(--covered)}li.missed,.missed>h3{color:var(--missed)}li.excepted,.excepted>h3{color:var(--excepted)}
.drawing{overflow:auto}.drawing svg{max-width:100%;height:auto}`;

/** Loads nothing, and runs no script. */
export const coveragePage = (title: string, charts: readonly ChartPage[]): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)}</title>
<style>${STYLE}</style></head><body><h1>${escape(title)}</h1>
<p><span style="color:var(--covered)">✓ exercised</span> · <span style="color:var(--missed)">✗ not exercised</span> · <span style="color:var(--excepted)">○ excepted, with its reason</span></p>
${charts.map(chartPart).join('\n')}
</body></html>
`;

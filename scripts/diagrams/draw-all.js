/** Renders all files of diagrams/ from the machines. Does no I/O. */
import { chartMermaid } from './chart-mermaid.js';
import { chartPicture } from './chart-picture.js';
import { draw } from './draw.js';
import { overviewMermaid } from './overview-mermaid.js';
import { overviewPicture } from './overview-picture.js';
import { readChart } from './read-chart.js';

/**
 * @param {readonly import('./read-chart.js').Machine[]} machines
 * @returns {Promise<Map<string, string>>} text by file name
 */
export const drawAll = async (machines) => {
  const files = new Map([
    ['overview.svg', overviewPicture()],
    ['overview.mmd', overviewMermaid],
  ]);
  for (const machine of machines) {
    const chart = readChart(machine);
    files.set(`${machine.id}.svg`, draw(chartPicture(chart)));
    files.set(`${machine.id}.mmd`, chartMermaid(chart));
  }
  return files;
};

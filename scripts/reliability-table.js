/** The recorded runs of docs/reliability/, as the table in docs/reliability.md. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

export const FOLDER = new URL('../docs/reliability/', import.meta.url);
const PAGE = new URL('../docs/reliability.md', import.meta.url);
const START = '<!-- recorded by scripts/record-run.js -->\n';
const END = '<!-- end -->';
const MIB = 2 ** 20;

/**
 * @typedef {object} Run
 * @property {string} date as 2026-11-27
 * @property {string} machine
 * @property {string} command
 * @property {string} note
 * @property {any} result as the tool printed it
 */

const number = (/** @type {number} */ value) => value.toLocaleString('en-US');
const mib = (/** @type {number} */ bytes) => `${Math.round(bytes / MIB)} MiB`;

/** @param {any} result of `load` or `soak` */
const accounts = ({ connections, frames, unclean_closes: unclean, untold_binaries: untold }) =>
  `${number(connections.made)} connections, ${number(connections.failed)} failed; ${number(frames.sent)} frames sent, ` +
  `${number(frames.received)} received, ${number(frames.excused)} excused; ${number(frames.lost)} lost, ${number(frames.reordered)} reordered, ` +
  `${number(frames.duplicated)} duplicated, ${number(frames.foreign)} foreign; ${number(unclean)} unclean, ${number(untold)} untold`;

/** @param {any} result */
const measured = (result) => {
  if (result.inputs !== undefined) {
    const kinds = Object.entries(result.inputs).map(([kind, count]) => `${kind} ${number(count)}`);
    return `${number(result.inputs_in_all)} inputs (${kinds.join(', ')}), ${result.failures.length} failures`;
  }
  const facts = [accounts(result)];
  const { relay, latency_ms: latency } = result;
  if (relay?.rss_bytes?.warm !== undefined) {
    const { warm, peak, end } = relay.rss_bytes;
    facts.push(`memory ${mib(warm)} warm, ${mib(peak)} at most, ${mib(end)} at the end`);
    facts.push(`descriptors ${relay.descriptors.start} before, ${relay.descriptors.end} after`);
    facts.push(`${relay.reloads} reloads, ${relay.restarts} restarts`);
  } else if (relay) {
    const { start, peak, end } = relay.rss_bytes;
    facts.push(`memory ${mib(start)} before, ${mib(peak)} at most, ${mib(end)} at the end`);
    facts.push(`${number(relay.peak_descriptors)} descriptors at most, ${relay.cpu_seconds} s of CPU`);
  }
  facts.push(`p50 ${latency.p50} ms, p99 ${latency.p99} ms`);
  return facts.join('; ');
};

/** @returns {Run[]} oldest first */
const readRuns = () =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')))
    .sort((a, b) => (a.date < b.date ? -1 : Number(a.date > b.date)));

export const reliabilityTable = () => {
  const rows = readRuns().map(({ date, machine, command, note, result }) => [
    date,
    machine,
    `\`${command}\``,
    `${result.seconds} s`,
    `${result.ok ? 'passed' : '**failed**'}: ${measured(result)}`,
    note,
  ]);
  const head = ['Date', 'Machine', 'Command', 'Took', 'Result', 'Note'];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
};

/** @throws if docs/reliability.md has no markers */
export const writeReliabilityTable = () => {
  const text = readFileSync(PAGE, 'utf8');
  const [start, end] = [text.indexOf(START), text.indexOf(END)];
  if (start === -1 || end === -1)
    throw new Error('docs/reliability.md has no markers around its recorded part');
  writeFileSync(PAGE, `${text.slice(0, start + START.length)}\n${reliabilityTable()}\n\n${text.slice(end)}`);
};

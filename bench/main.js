/** `npm run bench`: measures the relay beside its peers. See `--help`; docs/performance.md has the results. */
import { parseArgs } from 'node:util';
import { figures } from './figures/index.js';
import { writeMeasuredPart } from './report/markdown.js';
import { drawPlots } from './report/plots.js';
import { createProgress } from './report/progress.js';
import { machine, store } from './report/results.js';
import { formatResult } from './report/table.js';

const HELP = `npm run bench -- [options]

Measures the relay beside its peers, in turns, and prints a table of each figure and the targets it has.
The whole takes an hour or so (not timed since the control was added); the first run also builds the Go and Rust relays, for a few minutes more.
Relays whose toolchain is missing (go, cargo, haproxy, nginx) are left out, and so is one that fails \`conformance\`.
Figures go to bench/results/latest.json and docs/performance.md, plots to docs/performance/. Only ratios within one run
mean anything on a machine that is shared.

  --only ID[,ID...]  only these: ${figures.map(({ id }) => id).join(', ')}
  --quick            a run of a minute or so that shows that everything works; its numbers mean nothing
                     and go to bench/results/quick.json. Takes the Rust relay only if it is built already
  -h, --help         this
`;

const readOptions = () => {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const wanted = values.only?.split(',');
  const unknown = wanted?.find((id) => !figures.some((figure) => figure.id === id));
  if (unknown !== undefined) {
    throw new TypeError(
      `--only takes ${figures.map(({ id }) => id).join(', ')}, not ${JSON.stringify(unknown)}`,
    );
  }
  return {
    ...values,
    chosen: figures.filter(({ id }) => wanted === undefined || wanted.includes(id)),
  };
};

/** @returns {ReturnType<typeof readOptions>} */
const readOptionsOrExit = () => {
  try {
    return readOptions();
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  }
};

const { help, quick, chosen } = readOptionsOrExit();
if (help) {
  process.stdout.write(HELP);
  process.exit(0);
}

const startMs = performance.now();
process.stdout.write(`${machine()}\n`);
for (const { id, title, run } of chosen) {
  const progress = createProgress(id);
  const result = await run({ quick, progress: progress.say });
  progress.clear();
  process.stdout.write(formatResult(title, result));
  store({ id, title, quick }, result);
  if (!quick) drawPlots(result.plots ?? []);
}
if (!quick) writeMeasuredPart();
process.stdout.write(
  `\n${chosen.length} figures in ${Math.round((performance.now() - startMs) / 1_000)} s\n`,
);

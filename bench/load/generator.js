/**
 * The load generator: a separate process that performs one request at a time and answers over the IPC channel.
 * `Generator` in start-generator.js is the client side.
 */
import { cpuMs } from '../measure/cpu.js';
import { quantile } from '../measure/statistics.js';
import { dial, speakTls } from './client.js';
import { deafen } from './deaf.js';
import { flood } from './flood.js';
import { echo, fanOut, upload, wait } from './loads.js';
import { mix } from './mix.js';
import { paced } from './paced.js';
import { inParallel, listenBehind, populate, populateThrough } from './population.js';
import { serveRequests } from './serve-requests.js';
import { besiege } from './strangers.js';
import { askForWakes } from './wakes.js';

/** @type {Map<string, import('./population.js').Population>} */
const populations = new Map();
/** @type {Map<string, Awaited<ReturnType<typeof listenBehind>>>} */
const behind = new Map();
/** Connections that only stay open. @type {import('./client.js').Client[]} */
let idle = [];
/** @type {Awaited<ReturnType<typeof besiege>> | undefined} */
let siege;
/** @type {import('./deaf.js').Deaf | undefined} */
let deaf;

/** @param {string} name */
const populationOf = (name) => {
  const population = populations.get(name);
  if (population === undefined) throw new Error(`nobody is connected to ${name}`);
  return population;
};

/** @param {readonly number[]} latenciesMs */
const describeLatencies = (latenciesMs) => ({
  count: latenciesMs.length,
  p50: quantile(latenciesMs, 0.5),
  p99: quantile(latenciesMs, 0.99),
  p999: quantile(latenciesMs, 0.999),
});

const actions = {
  /** @param {{ port: number }} request */
  speakTls: async ({ port }) => speakTls(port),
  /** @param {{ name: string }} request */
  listenBehind: async ({ name }) => {
    const listening = await listenBehind();
    behind.set(name, listening);
    return listening.port;
  },
  /** @param {{ name: string, port: number, servers: number, phones: number, prefix?: string }} request */
  populate: async ({ name, port, servers, phones, ...rest }) => {
    const through = behind.get(name);
    populations.set(
      name,
      through === undefined
        ? await populate(port, { servers, phones, ...rest })
        : await populateThrough(port, servers * phones, through.answerWith),
    );
  },
  /** @param {{ name: string }} request */
  leave: async ({ name }) => {
    populationOf(name).close();
    populations.delete(name);
    await wait(100);
  },
  /** @param {{ name: string, pid: number | readonly number[] } & Parameters<typeof echo>[2]} request */
  echo: async ({ name, pid, ...options }) => await echo(populationOf(name), pid, options),
  /** @param {{ name: string, pid: number } & Parameters<typeof fanOut>[2]} request */
  fanOut: async ({ name, pid, ...options }) => await fanOut(populationOf(name), pid, options),
  /** @param {{ name: string, pid: number } & Parameters<typeof upload>[2]} request */
  upload: async ({ name, pid, ...options }) => await upload(populationOf(name), pid, options),
  /** @param {{ name: string, pid: number } & Parameters<typeof paced>[1]} request */
  paced: async ({ name, pid, ...options }) => {
    const [cpu, startMs] = [cpuMs(pid), performance.now()];
    const { latenciesMs } = await paced(populationOf(name), options);
    const cpuShare = (cpuMs(pid) - cpu) / (performance.now() - startMs);
    return { ...describeLatencies(latenciesMs), cpuShare };
  },
  /** @param {{ name: string } & Parameters<typeof mix>[1]} request */
  mix: async ({ name, ...options }) => {
    const { window, latenciesMs } = await mix(populationOf(name), options);
    return { ...window, ...describeLatencies(latenciesMs) };
  },
  /** @param {{ name: string } & Parameters<typeof flood>[1]} request */
  flood: async ({ name, ...options }) => await flood(populationOf(name), options),
  /** @param {{ port: number } & Parameters<typeof askForWakes>[1]} request */
  wakes: async ({ port, ...options }) => await askForWakes(port, options),
  /** Floods until `relent`. @param {{ port: number, load: string }} request */
  besiege: async ({ port, load }) => {
    siege = await besiege(port, load);
  },
  /** Opens phones that never read, and their binaries. @param {{ port: number } & Parameters<typeof deafen>[1]} request */
  deafen: async ({ port, ...size }) => {
    deaf = await deafen(port, size);
  },
  /** Until `hush`, these binaries send. */
  burst: async () => deaf?.burst(),
  hush: async () => deaf?.leave(),
  relent: async () => ({ dials: siege?.end() }),
  /**
   * Opens connections, keeps them open, and reports the cost of opening them.
   * @param {{ port: number, pid: number | readonly number[], path: '/v1/server' | '/v1/client', count: number, servers: number, prefix: string }} request
   */
  open: async ({ port, pid, path, count, servers, prefix }) => {
    const [cpu, startMs] = [cpuMs(pid), performance.now()];
    const opened = await inParallel(count, async (i) => await dial(port, path, `${prefix}-${i % servers}`));
    idle = idle.concat(opened);
    return { cpuMs: cpuMs(pid) - cpu, ms: performance.now() - startMs };
  },
  /**
   * Dials at an even pace over `overMs`, without waiting for earlier dials.
   * @param {{ port: number, pid: number | readonly number[], count: number, overMs: number, servers: number, prefix: string }} request
   */
  storm: async ({ port, pid, count, overMs, servers, prefix }) => {
    const [cpu, startMs] = [cpuMs(pid), performance.now()];
    let failed = 0;
    const opened = await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        await wait((i / count) * overMs);
        const dialledMs = performance.now();
        try {
          idle.push(await dial(port, '/v1/client', `${prefix}-${i % servers}`));
        } catch {
          failed++;
        }
        return performance.now() - dialledMs;
      }),
    );
    return { ...describeLatencies(opened), failed, cpuMs: cpuMs(pid) - cpu, ms: performance.now() - startMs };
  },
  /** Resets the open connections, without a close frame. */
  drop: async () => {
    for (const { reset } of idle) reset();
    idle = [];
    await wait(200);
  },
};

serveRequests(actions);

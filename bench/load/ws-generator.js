/** A load generator whose clients are npm `ws` clients. Started by `Generator` in start-generator.js, as generator.js is. */
import { serveRequests } from './serve-requests.js';
import { echo, listenBehind, populate, populateThrough } from './ws-population.js';

/** @type {Map<string, import('./ws-population.js').WsPopulation>} */
const populations = new Map();
/** @type {Map<string, Awaited<ReturnType<typeof listenBehind>>>} */
const behind = new Map();

serveRequests({
  /** @param {{ name: string }} request */
  listenBehind: async ({ name }) => {
    const listening = await listenBehind();
    behind.set(name, listening);
    return listening.port;
  },
  /** @param {{ name: string, port: number, servers: number, phones: number }} request */
  populate: async ({ name, port, servers, phones }) => {
    const through = behind.get(name);
    populations.set(
      name,
      through === undefined
        ? await populate(port, { servers, phones })
        : await populateThrough(port, servers * phones, through.answerWith),
    );
  },
  /** @param {{ name: string, pid: number } & Parameters<typeof echo>[2]} request */
  echo: async ({ name, pid, ...options }) => {
    const population = populations.get(name);
    if (population === undefined) throw new Error(`nobody is connected to ${name}`);
    return await echo(population, pid, options);
  },
});

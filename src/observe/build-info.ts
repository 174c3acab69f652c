/** What this relay is made of, as one series that is always 1. */
// As a namespace: who bundles this as an ES module declares `createRequire` itself.
import * as modules from 'node:module';
import { Gauge, type Registry } from 'prom-client';
import { VERSION } from '../version.ts';
import { PREFIX } from './own-series.ts';

const UNKNOWN = 'unknown';

/** As installed; a bundle has no packages to ask. */
const versionOf = (name: string): string => {
  try {
    const manifest: unknown = modules.createRequire(import.meta.url)(`${name}/package.json`);
    const version =
      typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : UNKNOWN;
    return typeof version === 'string' ? version : UNKNOWN;
  } catch {
    return UNKNOWN;
  }
};

export const addBuildInfo = (registry: Registry): void => {
  const info = new Gauge({
    name: `${PREFIX}build_info`,
    help: 'Always 1; the labels say which versions run.',
    labelNames: ['version', 'node', 'xstate', 'ws'],
    registers: [registry],
  });
  const node = process.versions.node;
  info.set({ version: VERSION, node, xstate: versionOf('xstate'), ws: versionOf('ws') }, 1);
};

/**
 * Our relay, but every frame goes through its server actor as an event. We decided against this design; docs/adr/0002 says
 * why. The modules are the same, except for two that charted-hooks.js replaces when they are loaded.
 */
import { register } from 'node:module';

register('./charted-hooks.js', import.meta.url);
const { createRelay } = await import('../../dist/relay.js');
const { tuneRuntime } = await import('../../dist/runtime.js');
const { pino } = await import('pino');

// The daemon does the same.
tuneRuntime();

const relay = createRelay({ insecureListen: { host: '127.0.0.1', port: 0 }, rateBurst: 0, log: pino() });
const { address } = await relay.start();
console.log(JSON.stringify({ msg: 'starting', listen: `127.0.0.1:${address.port}` }));

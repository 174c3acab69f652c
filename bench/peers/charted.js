/**
 * Our relay with every frame sent through its server actor as an event, which is what section 2 of the architecture
 * decided against. The sources are the same, module by module: two are replaced as they are loaded (charted-hooks.js).
 */
import { register } from 'node:module';

register('./charted-hooks.js', import.meta.url);
const { createRelay } = await import('../../dist/relay.js');
const { tuneRuntime } = await import('../../dist/runtime.js');
const { pino } = await import('pino');

// As the daemon does.
tuneRuntime();

const relay = createRelay({ insecureListen: { host: '127.0.0.1', port: 0 }, log: pino() });
const { address } = await relay.start();
console.log(JSON.stringify({ msg: 'starting', listen: `127.0.0.1:${address.port}` }));

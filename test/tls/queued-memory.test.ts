import { overTls } from '../support/over-tls.ts';

overTls();
await import('../integration/queued-memory.test.ts');

import { overTls } from '../support/over-tls.ts';

overTls();
await import('../integration/shutdown.test.ts');

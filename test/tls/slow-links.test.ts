import { overTls } from '../support/over-tls.ts';

overTls();
await import('../integration/slow-links.test.ts');

import { overTls } from '../support/over-tls.ts';

overTls();
await import('../integration/byte-exactness.test.ts');

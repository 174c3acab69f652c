import { overTls } from '../support/over-tls.ts';

overTls();
await import('../integration/close-handshake.test.ts');

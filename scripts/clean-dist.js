import { rmSync } from 'node:fs';

// Remove stale output: a file renamed or deleted in src must not be published.
rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });

/** `npm run diagrams`: writes diagrams/. A test fails when it is stale. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import {
  certificateMachine,
  connectionMachine,
  pushMachine,
  relayMachine,
  serverMachine,
  wakeMachine,
} from '../../dist/machines/index.js';
import { drawAll } from './draw-all.js';

const folder = new URL('../../diagrams/', import.meta.url);
const files = await drawAll([
  relayMachine,
  serverMachine,
  connectionMachine,
  pushMachine,
  wakeMachine,
  certificateMachine,
]);

mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder)) if (!files.has(name)) rmSync(new URL(name, folder));
for (const [name, text] of files) writeFileSync(new URL(name, folder), text);
console.log(`${files.size} files in diagrams/`);

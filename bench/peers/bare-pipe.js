/**
 * A TCP pipe in Node: writes on whatever it reads, and looks at no byte. A lower bound for the cost of a frame in Node. The port to dial
 * is its argument.
 */
import { connect, createServer } from 'node:net';

const behind = Number(process.argv[2]);

/** @param {import('node:net').Socket} from @param {import('node:net').Socket} to */
const forward = (from, to) => {
  from.setNoDelay();
  from.on('data', (bytes) => to.write(bytes));
  from.on('error', () => {});
  from.on('close', () => to.destroy());
};

const server = createServer((near) => {
  const far = connect(behind, '127.0.0.1');
  forward(near, far);
  forward(far, near);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('not bound to a port');
  console.log(JSON.stringify({ msg: 'starting', listen: `127.0.0.1:${address.port}` }));
});

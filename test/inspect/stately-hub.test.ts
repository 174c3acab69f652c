/** `--stately-inspect`, with a WebSocket server in place of the hub of `@statelyai/inspect`. */
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { createActor, createMachine } from 'xstate';
import { MAX_STATELY_ACTORS } from '../../src/inspect/inspect-limits.ts';
import type { StatelyMessage } from '../../src/inspect/stately-events.ts';
import { StatelyHub } from '../../src/inspect/stately-hub.ts';
import { DIRECTORY, type DirectoryRef, relayMachine } from '../../src/machines/relay-machine.ts';
import { serverMachine } from '../../src/machines/server-machine.ts';
import { chartParts } from '../../src/testing/chart-parts.ts';
import { Inbox } from '../support/inbox.ts';
import { TestRelay } from '../support/relay.ts';
import { RELAY_INPUT } from '../support/relay-chart.ts';

/** What a hub is told, in order. */
class Hub {
  readonly #server: WebSocketServer;
  readonly messages: StatelyMessage[] = [];
  readonly texts: string[] = [];
  readonly #news = new Inbox<StatelyMessage>('the hub');
  readonly sockets = new Inbox<WebSocket>('dials of the hub');

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on('connection', (socket) => {
      socket.on('error', () => {});
      socket.on('message', (data) => {
        const text = Buffer.isBuffer(data) ? data.toString() : 'not one buffer';
        this.texts.push(text);
        const message = JSON.parse(text) as StatelyMessage; // A test checks its parts.
        this.messages.push(message);
        this.#news.push(message);
      });
      this.sockets.push(socket);
    });
  }

  static async start(port = 0): Promise<Hub> {
    const server = new WebSocketServer({ host: '127.0.0.1', port });
    await new Promise((resolve) => server.on('listening', resolve));
    return new Hub(server);
  }

  get address() {
    return { host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port };
  }

  async told(fits: (message: StatelyMessage) => boolean): Promise<StatelyMessage> {
    for (;;) {
      const message = await this.#news.next();
      if (fits(message)) return message;
    }
  }

  async stop(): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const actorNamed =
  (name: string) =>
  (message: StatelyMessage): boolean =>
    message.type === '@xstate.actor' && message.name === name;

let ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.toReversed()) await end();
  ends = [];
});

/** As `phoneHeaders` has it. */
const TOKEN = 'not-a-real-token';

test('a hub is told who comes and what they do; tokens, frames and the list of all actors are not in it', async () => {
  const hub = await Hub.start();
  const relay = await TestRelay.start({ statelyInspect: hub.address });
  ends.push(
    () => hub.stop(),
    () => relay.dispose(),
  );
  await relay.logged('Stately inspector connected');
  const root = await hub.told(actorNamed('relay'));
  const directory = await hub.told(actorNamed(DIRECTORY));
  expect(directory).toMatchObject({ parentId: root.sessionId, snapshot: { status: 'active' } });

  const binary = await relay.peers.binary('home');
  const server = await hub.told(actorNamed('server/home'));
  if (server.type !== '@xstate.actor') throw new Error('an actor was asked for');
  expect(server).toMatchObject({ parentId: directory.sessionId, rootId: root.sessionId, _version: '0.7.2' });
  // What Stately draws is the chart.
  expect(chartParts(createMachine(JSON.parse(server.definition) as object))).toEqual(
    chartParts(serverMachine),
  );

  const phone = await relay.peers.phone('home');
  const ofServer =
    (type: StatelyMessage['type']) =>
    (message: StatelyMessage): boolean =>
      message.sessionId === server.sessionId &&
      message.type === type &&
      'event' in message &&
      message.event.type === 'phone.registered';
  const registered = await hub.told(ofServer('@xstate.event'));
  expect(registered).toMatchObject({ sourceId: directory.sessionId });
  const listed = await hub.told(ofServer('@xstate.snapshot'));
  expect(listed).toMatchObject({
    snapshot: {
      value: { claimed: { held: 'live' } },
      context: { serverId: 'home', phones: [expect.any(String)] },
    },
  });
  phone.ws.send('"a secret frame"');
  await binary.next();
  await relay.stop();
  expect(hub.texts.join()).not.toMatch(new RegExp(`${TOKEN}|secret frame`));
  const shown = hub.messages.filter(
    (message) => message.sessionId === directory.sessionId && message.type === '@xstate.snapshot',
  );
  expect(shown.map((message) => 'snapshot' in message && Object.keys(message.snapshot))).not.toContain(
    'context',
  );
});

/** A relay without sockets. */
const startActors = (): {
  root: ReturnType<typeof createActor<typeof relayMachine>>;
  directory: DirectoryRef;
} => {
  const root = createActor(relayMachine, { input: RELAY_INPUT }).start();
  ends.push(() => root.stop());
  // The relay chart invokes the directory under this name while it runs.
  return { root, directory: root.system.get(DIRECTORY) as DirectoryRef };
};

const watch = (address: Hub['address'], actors: ReturnType<typeof startActors>) => {
  const changes = new Inbox<string>('changes');
  const { root, directory } = actors;
  const stately = new StatelyHub({
    relay: root,
    directory,
    address,
    onChange: (problem) => changes.push(problem ?? 'connected'),
  });
  ends.push(() => stately.end());
  stately.start();
  return { stately, changes };
};

test('without a hub nothing is attached; when it comes back it is told everything anew', async () => {
  const first = await Hub.start();
  const { address } = first;
  await first.stop();
  const actors = startActors();
  const { stately, changes } = watch(address, actors);
  expect(await changes.next()).toContain('ECONNREFUSED');
  expect(stately.isAttached).toBe(false);

  actors.directory.send({ type: 'connection.dialled', connId: 'b1', role: 'binary', serverId: 'home' });
  const second = await Hub.start(address.port);
  expect(await changes.next()).toBe('connected');
  await second.told(actorNamed('server/home'));
  await second.told(actorNamed('connection/b1'));
  expect(stately.isAttached).toBe(true);

  await second.stop();
  expect(await changes.next()).toBe('it has closed');
  expect(stately.isAttached).toBe(false);
});

test('a hub is told of so many actors, and no more', async () => {
  const hub = await Hub.start();
  ends.push(() => hub.stop());
  const actors = startActors();
  const dial = (n: number): void =>
    actors.directory.send({ type: 'connection.dialled', connId: `b${n}`, role: 'binary', serverId: `s${n}` });
  for (let n = 0; n < MAX_STATELY_ACTORS; n++) dial(n);
  const { changes } = watch(hub.address, actors);
  await changes.next();
  for (let n = 0; n < 10; n++) dial(MAX_STATELY_ACTORS + n);
  // The last that is told, of an actor that is known.
  actors.root.send({ type: 'drain' });
  await hub.told((message) => message.type === '@xstate.event' && message.event.type === 'drain');
  const announced = hub.messages.filter(({ type }) => type === '@xstate.actor');
  expect(announced).toHaveLength(MAX_STATELY_ACTORS);
});

test('a hub that does not read is cut, and the relay goes on', async () => {
  const hub = await Hub.start();
  ends.push(() => hub.stop());
  const actors = startActors();
  const { stately, changes } = watch(hub.address, actors);
  expect(await changes.next()).toBe('connected');
  (await hub.sockets.next()).pause();
  actors.directory.send({ type: 'connection.dialled', connId: 'b1', role: 'binary', serverId: 'home' });
  const connection = actors.directory.getSnapshot().context.connections.get('b1');
  // 8 MiB of the relay's own, and what two sockets of this machine hold.
  for (let n = 0; n < 200_000 && stately.isAttached; n++) {
    connection?.send({ type: 'peer.heard' });
    if (n % 5_000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await changes.next()).toBe('it has closed');
  expect(stately.isAttached).toBe(false);
  expect(connection?.getSnapshot().status).toBe('active');
});

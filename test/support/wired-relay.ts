/**
 * The relay without a network: the charts, the data plane and `ws` are real, the sockets are in memory and the clock of the
 * charts belongs to the test. A test knows every queue to the byte.
 */
import { createActor, SimulatedClock } from 'xstate';
import type { Rate } from '../../src/admission/byte-rate.ts';
import { DIRECTORY, type DirectoryRef, PUSH, relayMachine } from '../../src/machines/relay-machine.ts';
import type { Role } from '../../src/protocol/routing-headers.ts';
import { DEFAULT_PUSH_PER_SECOND } from '../../src/push/limits.ts';
import type { PushProvider } from '../../src/push/provider.ts';
import { WakeGate } from '../../src/push/wake-gate.ts';
import { accept } from '../../src/transport/accept.ts';
import { createBacklog } from '../../src/transport/backlog-shedder.ts';
import { ByteThrottle } from '../../src/transport/byte-throttle.ts';
import type { ConnectionAdapter } from '../../src/transport/connection-adapter.ts';
import type { DataPlane } from '../../src/transport/data-plane.ts';
import { attachDirectoryEffects } from '../../src/transport/directory-effects.ts';
import { EndSlices } from '../../src/transport/end-slices.ts';
import { describeError, type Observation, type Observer } from '../../src/transport/observation.ts';
import { type PushRef, PushWakes } from '../../src/transport/push-wakes.ts';
import { Traffic } from '../../src/transport/traffic.ts';
import { Turn } from '../../src/transport/turn.ts';
import { chargeOf, type OutboundMessage } from '../../src/transport/write-chunks.ts';
import { clientFrame, parseServerFrame, type ServerFrame } from './raw-socket.ts';
import { NO_TIME_PASSES, turnEnds } from './turns.ts';
import { upgraded } from './upgraded.ts';
import { Wire } from './wire.ts';

export const HEARTBEAT_INTERVAL_MS = 30_000;
export const HEARTBEAT_TIMEOUT_MS = 20_000;
export const PROBE_TIMEOUT_MS = 10_000;

const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 } as const;

/** Waits until what was read has been written, and the next readers have had their turn. */
export const settle = async (): Promise<void> => {
  for (let turns = 0; turns < 6; turns++) await turnEnds();
};

/** A phone or a binary, with access to both ends. */
export class WiredPeer {
  readonly connId: string;
  readonly wire: Wire;
  readonly adapter: ConnectionAdapter;
  #frames: ServerFrame[] = [];
  #rest = Buffer.alloc(0);

  constructor(connId: string, wire: Wire, adapter: ConnectionAdapter) {
    this.connId = connId;
    this.wire = wire;
    this.adapter = adapter;
  }

  /** Sends a message, and lets the relay work. */
  async say(...messages: readonly string[]): Promise<void> {
    this.wire.arrive(Buffer.concat(messages.map((message) => clientFrame(message))));
    await settle();
  }

  async ping(): Promise<void> {
    this.wire.arrive(clientFrame('are you there?', { opcode: OPCODE.ping }));
    await settle();
  }

  async pong(payload: Buffer | string): Promise<void> {
    this.wire.arrive(clientFrame(payload, { opcode: OPCODE.pong }));
    await settle();
  }

  async close(code = 1000): Promise<void> {
    const status = Buffer.alloc(2);
    status.writeUInt16BE(code);
    this.wire.arrive(clientFrame(status, { opcode: OPCODE.close }));
    await settle();
  }

  async breakProtocol(): Promise<void> {
    this.wire.arrive(clientFrame('', { opcode: 3 }));
    await settle();
  }

  async hangUp(): Promise<void> {
    this.wire.hangUp();
    await settle();
  }

  /** Texts that the network has delivered and no earlier call has returned. */
  heard(): string[] {
    return this.#take(OPCODE.text).map((payload) => payload.toString());
  }

  /** Payloads of pings, likewise. */
  pings(): Buffer[] {
    return this.#take(OPCODE.ping);
  }

  pongs(): Buffer[] {
    return this.#take(OPCODE.pong);
  }

  /** The code and reason of the close frame; undefined until it arrives. */
  closed(): { readonly code: number; readonly reason: string } | undefined {
    const [payload] = this.#take(OPCODE.close);
    return payload && { code: payload.readUInt16BE(0), reason: payload.toString('utf8', 2) };
  }

  get isPaused(): boolean {
    return this.adapter.isPaused;
  }

  get hasEnded(): boolean {
    return this.wire.destroyed;
  }

  /** State of its chart. */
  get state(): unknown {
    return this.adapter.chart.getSnapshot().value;
  }

  #take(opcode: number): Buffer[] {
    this.#parse();
    const taken = this.#frames.filter((frame) => frame.opcode === opcode);
    this.#frames = this.#frames.filter((frame) => frame.opcode !== opcode);
    return taken.map(({ payload }) => payload);
  }

  #parse(): void {
    let bytes = Buffer.concat([this.#rest, this.wire.delivered()]);
    for (let parsed = parseServerFrame(bytes); parsed !== undefined; parsed = parseServerFrame(bytes)) {
      this.#frames.push(parsed.frame);
      bytes = bytes.subarray(parsed.bytes);
    }
    this.#rest = bytes;
  }
}

export interface WiredSettings {
  readonly maxPhones?: number;
  readonly maxFrameBytes?: number;
  readonly totalBacklogBytes?: number;
  /** A byte rate for each server-id. */
  readonly rate?: Rate;
  /** Without it, push is off. */
  readonly pushProvider?: PushProvider;
}

export class WiredRelay {
  readonly clock = new SimulatedClock();
  readonly plane: DataPlane;
  readonly #root: ReturnType<typeof createActor<typeof relayMachine>>;
  readonly #maxFrameBytes: number;
  readonly #wires: Wire[] = [];
  readonly #observed: Observation[] = [];
  /** Forwarded frames that the network has taken, in both directions. */
  framesForwarded = 0;

  constructor({
    maxPhones = 16,
    maxFrameBytes = 1024 * 1024,
    totalBacklogBytes = Number.POSITIVE_INFINITY,
    rate,
    pushProvider,
  }: WiredSettings = {}) {
    this.#maxFrameBytes = maxFrameBytes;
    this.#root = createActor(relayMachine, {
      clock: this.clock,
      input: {
        isPushOn: pushProvider !== undefined,
        drain: { delayMs: 0, spreadMs: 0, deadlineMs: 60_000 },
        directory: {
          maxPhones,
          spread: () => 0,
          serverTiming: { graceMs: 30_000, probeTimeoutMs: PROBE_TIMEOUT_MS },
          connectionTiming: {
            heartbeatIntervalMs: HEARTBEAT_INTERVAL_MS,
            heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS,
            flushTimeoutMs: 120_000,
            closeWriteTimeoutMs: 5_000,
            closeAnswerTimeoutMs: 5_000,
          },
        },
      },
    });
    this.#root.start();
    const observe = (observation: Observation): void => void this.#observed.push(observation);
    const turn = new Turn(
      (error) => observe({ type: 'effect.failed', err: describeError(error) }),
      NO_TIME_PASSES,
    );
    const observer: Observer = {
      observe,
      framesForwarded: (_direction, count) => {
        this.framesForwarded += count;
      },
      serverCreated: () => {},
    };
    this.plane = {
      // The relay chart invokes the directory under this name while it runs.
      directory: this.#root.system.get(DIRECTORY) as DirectoryRef,
      adapters: new Map(),
      observer,
      turn,
      ends: new EndSlices(
        (error) => observe({ type: 'effect.failed', err: describeError(error) }),
        NO_TIME_PASSES,
      ),
      phoneBacklogBytes: 4 * 1024 * 1024,
      backlog: createBacklog(totalBacklogBytes, turn, observer),
      throttle: new ByteThrottle(rate),
      traffic: new Traffic(observer),
      wakes: new PushWakes({
        push: this.#root.system.get(PUSH) as PushRef,
        gate: new WakeGate(DEFAULT_PUSH_PER_SECOND, () => 0),
        provider: pushProvider,
        observer,
      }),
    };
    attachDirectoryEffects(this.plane);
  }

  /** Connects a peer. Returns once its claim or registration is decided, or it is in line. */
  async dial(role: Role, serverId = 's', tokenHash?: string): Promise<WiredPeer> {
    const { connId, wire } = this.knock(role, serverId, tokenHash);
    const adapter = this.plane.adapters.get(connId);
    if (adapter === undefined) throw new Error('the relay did not accept it');
    await settle();
    return new WiredPeer(connId, wire, adapter);
  }

  /** Upgrades a socket and hands it to the relay, which may have stopped. */
  knock(role: Role, serverId = 's', tokenHash?: string): { readonly connId: string; readonly wire: Wire } {
    const connId = `c-${String(this.#wires.length).padStart(16, '0')}`;
    const wire = new Wire();
    this.#wires.push(wire);
    const ws = upgraded(wire, this.#maxFrameBytes);
    const routing = {
      serverId,
      binaryVersion: 'v',
      deviceName: 'd',
      remote: '127.0.0.1',
      source: 'socket',
    } as const;
    accept(this.plane, { ...routing, connId, role, tokenHash, ws, socket: wire.asSocket });
    return { connId, wire };
  }

  drain(): void {
    this.#root.send({ type: 'drain' });
  }

  /** A binary whose network takes nothing. */
  async stalledBinary(): Promise<WiredPeer> {
    const binary = await this.dial('binary');
    binary.wire.stall();
    return binary;
  }

  /** The observations of this type. */
  observed(type: Observation['type']): Observation[] {
    return this.#observed.filter((observation) => observation.type === type);
  }

  /** Advances the charts' clock. */
  async pass(ms: number): Promise<void> {
    this.clock.increment(ms);
    await settle();
  }

  /** @throws if anything in the relay has thrown */
  dispose(): void {
    this.#end();
    if (this.observed('effect.failed').length > 0) throw new Error('something in the relay has thrown');
  }

  /** For tests in which a fault is planted. */
  disposeOfFaulty(): void {
    this.#end();
  }

  #end(): void {
    for (const wire of this.#wires) wire.destroy();
  }
}

/** Maximum charge of a message of `fill`: each needs a write of its own. */
const FILL_CHARGE = 50_000;

/** A phone's message that charges its binary's queue with exactly `bytes`. */
export const messageCharging = (phone: WiredPeer, bytes: number): string => {
  const envelope: OutboundMessage = {
    head: phone.adapter.head,
    body: Buffer.from('""'),
    tail: Buffer.from('}'),
    isForwarded: true,
  };
  return `"${'x'.repeat(bytes - chargeOf(envelope))}"`;
};

/** The phone sends messages that charge its binary's queue with exactly `bytes`, each at most one write. */
export const fill = async (phone: WiredPeer, bytes: number): Promise<void> => {
  const messages = Math.ceil(bytes / FILL_CHARGE);
  for (let sent = 0, left = bytes; sent < messages; sent++) {
    const charge = Math.ceil(left / (messages - sent));
    await phone.say(messageCharging(phone, charge));
    left -= charge;
  }
};

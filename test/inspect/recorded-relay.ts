/** The relay's actors with a flight recorder, without sockets, on a simulated clock. */
import fc from 'fast-check';
import { type Actor, createActor, SimulatedClock } from 'xstate';
import { FlightRecorder } from '../../src/inspect/recorder.ts';
import { writeRecording } from '../../src/inspect/write-recording.ts';
import type { SocketEvent } from '../../src/machines/connection-messages.ts';
import { DIRECTORY, type DirectoryRef, relayMachine } from '../../src/machines/relay-machine.ts';
import type { ServerEvent } from '../../src/machines/server-messages.ts';
import type { Role } from '../../src/protocol/routing-headers.ts';
import { type Recording, readRecording } from './read-text.ts';

export const CONFIG = { maxPhones: 2, graceMs: 30_000, probeTimeoutMs: 10_000 };

const CONNECTION_TIMING = {
  heartbeatIntervalMs: 30_000,
  heartbeatTimeoutMs: 30_000,
  flushTimeoutMs: 60_000,
  closeWriteTimeoutMs: 5_000,
  closeAnswerTimeoutMs: 5_000,
};

export class RecordedRelay {
  readonly clock = new SimulatedClock();
  readonly recorder: FlightRecorder;
  readonly root: Actor<typeof relayMachine>;
  readonly directory: DirectoryRef;

  constructor(maxPhones = CONFIG.maxPhones) {
    this.recorder = new FlightRecorder({ ...CONFIG, maxPhones }, () => this.clock.now());
    const { graceMs, probeTimeoutMs } = CONFIG;
    const directory = {
      maxPhones,
      serverTiming: { graceMs, probeTimeoutMs },
      connectionTiming: CONNECTION_TIMING,
      spread: () => 0,
      serverLogic: this.recorder.logic,
    };
    const input = { drain: { delayMs: 0, spreadMs: 0, deadlineMs: 10_000 }, directory };
    this.root = createActor(relayMachine, { clock: this.clock, input });
    this.root.start();
    // The relay machine invokes the directory under this id while it runs.
    this.directory = this.root.system.get(DIRECTORY) as DirectoryRef;
  }

  get serverIds(): string[] {
    return [...this.directory.getSnapshot().context.servers.keys()];
  }

  dial(role: Role, serverId: string, connId: string): void {
    this.directory.send({ type: 'connection.dialled', connId, role, serverId });
  }

  /** Sends events to the server actor of `serverId`, if it exists. */
  send(serverId: string, ...events: readonly ServerEvent[]): void {
    for (const event of events) {
      this.directory.getSnapshot().context.servers.get(serverId)?.send(event);
    }
  }

  /** Reports to a connection what happens on its socket, as transport does. */
  report(connId: string, ...events: readonly SocketEvent[]): void {
    for (const event of events) this.directory.getSnapshot().context.connections.get(connId)?.send(event);
  }

  drain(): void {
    this.root.send({ type: 'drain' });
  }

  events(serverId: string): string[] {
    return (this.recorder.tape(serverId)?.records ?? []).map(({ event }) => event.type);
  }

  text(keepIds = false): string {
    const { lines, end } = writeRecording(this.recorder, { keepIds });
    const text = [...lines].join('');
    end();
    return text;
  }

  recording(keepIds = false): Recording {
    return readRecording(this.text(keepIds));
  }
}

/** A short scenario: claim, register, refusal at the cap, grace, reclaim, drain. */
export const shortStory = (): RecordedRelay => {
  const relay = new RecordedRelay(1);
  relay.dial('binary', 'alpha', 'holder');
  relay.clock.increment(1_000);
  relay.dial('phone', 'alpha', 'phone');
  relay.dial('phone', 'alpha', 'refused');
  relay.report('phone', { type: 'peer.closed' });
  relay.report('phone', { type: 'socket.ended', closeCode: 4401 });
  relay.report('holder', { type: 'socket.ended', closeCode: 1006 });
  relay.clock.increment(30_000);
  relay.dial('binary', 'alpha', 'heir');
  relay.dial('binary', 'beta', 'other');
  relay.drain();
  return relay;
};

const who = { server: fc.nat({ max: 2 }), conn: fc.nat({ max: 9 }), other: fc.nat({ max: 9 }) };
const kinds = fc.constantFrom(
  ...(['binary.claimed', 'binary.answered', 'binary.left', 'binary.left', 'phone.registered'] as const),
  ...(['phone.left', 'phone.unheard', 'phone.dismissed', 'phone.ended', 'dial', 'drain'] as const),
);
const step = fc.oneof(
  { weight: 9, arbitrary: fc.record({ kind: kinds, ...who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat({ max: 40_000 }) }) },
);
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Random events for server actors, including impossible ones. */
export const steps = fc.array(step, { maxLength: 400, size: 'max' });

export const take = (relay: RecordedRelay, next: Step): void => {
  if (next.kind === 'wait') {
    relay.clock.increment(next.ms);
    return;
  }
  const serverId = `server-id-${next.server}`;
  const phone = { connId: `phone-id-${next.conn}` };
  const binary = { connId: `binary-id-${next.conn}` };
  switch (next.kind) {
    case 'dial':
      relay.dial('binary', serverId, binary.connId);
      return;
    case 'drain':
      relay.send(serverId, { type: 'drain' });
      return;
    case 'phone.dismissed':
      relay.send(serverId, {
        type: next.kind,
        ...phone,
        closeCode: 4_400 + next.other,
        isTooLong: next.other > 7,
      });
      return;
    case 'phone.ended':
      relay.send(serverId, {
        type: next.kind,
        ...phone,
        binaryId: `binary-id-${next.other}`,
        closeCode: 1_000,
      });
      return;
    case 'binary.claimed':
    case 'binary.answered':
    case 'binary.left':
      relay.send(serverId, { type: next.kind, ...binary });
      return;
    default:
      relay.send(serverId, { type: next.kind, ...phone });
  }
};

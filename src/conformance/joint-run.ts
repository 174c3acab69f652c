/**
 * One run of the whole actor system, step by step. Nothing happens by itself: every socket report and every timer is a
 * step. The run keeps what each connection has reported, for the invariants.
 */
import type { CloseCause, ConnectionEmitted, SocketEvent } from '../machines/connection-messages.ts';
import { CONNECTION_PREFIX } from '../machines/directory-actors.ts';
import { liveBinary, type ServerSnapshot } from '../machines/server-view.ts';
import { maxClosing } from '../protocol/limits.ts';
import type { Role } from '../protocol/routing-headers.ts';
import { ActorSystem, RELAY, type RelayLogic, type Said } from './actor-system.ts';
import { ListedTimers } from './listed-timers.ts';

export const SERVER_ID = 'model';

export type JointEvent =
  | { readonly type: 'dial'; readonly role: Role }
  | { readonly type: 'report'; readonly connId: string; readonly event: SocketEvent }
  /** The heartbeat is due, and no pong arrives. */
  | { readonly type: 'silence'; readonly connId: string }
  | { readonly type: 'timer'; readonly actorId: string }
  | { readonly type: 'drain' };

export const describeJointEvent = (event: JointEvent): string => {
  switch (event.type) {
    case 'dial':
      return `${event.role} dials`;
    case 'report':
      return `${event.connId}: ${Object.values(event.event).join(' ')}`;
    case 'silence':
      return `${event.connId} is silent`;
    case 'timer':
      return `timer of ${event.actorId}`;
    case 'drain':
      return 'drain';
  }
};

/** What one connection has reported since it dialled. */
export interface Life {
  readonly role: Role;
  admissions: number;
  refusals: number;
  readonly departures: CloseCause[];
  ends: number;
  isCut: boolean;
  /** Place in the order in which connections began to close; undefined before. */
  closingSince: number | undefined;
  /** Cut because too many were closing. */
  isCutShort: boolean;
  /** It was not the oldest of too many. */
  wasCutOutOfTurn: boolean;
  /** Phones: the binary that they were admitted under. */
  binaryId: string | null;
  /** Whether that binary held the slot when the phone left, and when its socket ended. */
  wasHeldAtDeparture: boolean;
  wasHeldAtEnd: boolean;
  /** The connections that were told to send a notice about this one. */
  readonly noticesAt: string[];
}

const newLife = (role: Role): Life => ({
  role,
  admissions: 0,
  refusals: 0,
  departures: [],
  ends: 0,
  isCut: false,
  closingSince: undefined,
  isCutShort: false,
  wasCutOutOfTurn: false,
  binaryId: null,
  wasHeldAtDeparture: false,
  wasHeldAtEnd: false,
  noticesAt: [],
});

export const connectionActor = (connId: string): string => `${CONNECTION_PREFIX}${connId}`;

export class JointRun {
  readonly system: ActorSystem;
  readonly timers = new ListedTimers();
  /** By conn id, in order of dialling. */
  readonly lives = new Map<string, Life>();
  /** Faults that the directory reported. */
  readonly faults: string[] = [];
  wasStoppedByDeadline = false;
  readonly maxPhones: number;
  #closings = 0;

  constructor(maxPhones: number, relay?: RelayLogic) {
    this.maxPhones = maxPhones;
    this.system = new ActorSystem(
      { maxPhones, ...(relay && { relay }), prepare: (system) => this.timers.install(system) },
      (said) => this.#hear(said),
    );
  }

  get server(): ServerSnapshot | undefined {
    return this.system.servers.get(SERVER_ID)?.getSnapshot();
  }

  /** Conn ids of admitted connections that count as closing, oldest first. */
  get closing(): string[] {
    return [...this.lives]
      .filter(
        ([, life]) =>
          life.closingSince !== undefined && life.admissions > 0 && life.ends === 0 && !life.isCutShort,
      )
      .toSorted(([, a], [, b]) => (a.closingSince ?? 0) - (b.closingSince ?? 0))
      .map(([connId]) => connId);
  }

  perform(event: JointEvent): void {
    switch (event.type) {
      case 'dial': {
        const connId = `${event.role[0]}${this.lives.size + 1}`;
        this.lives.set(connId, newLife(event.role));
        this.system.dial({ connId, role: event.role, serverId: SERVER_ID });
        return;
      }
      case 'report':
        this.system.report(event.connId, event.event);
        return;
      case 'silence':
        // The first timer sends the ping, the second waits for its pong.
        this.timers.fire(connectionActor(event.connId));
        this.timers.fire(connectionActor(event.connId));
        return;
      case 'timer':
        this.wasStoppedByDeadline ||= event.actorId === RELAY;
        this.timers.fire(event.actorId);
        return;
      case 'drain':
        this.system.drain();
    }
  }

  #hear(heard: Said): void {
    if (heard.by === 'connection') this.#note(heard.connId, heard.said);
    if (heard.by !== 'directory') return;
    const { said } = heard;
    if (said.type === 'event.undeliverable') this.faults.push(`${said.event} for no ${said.to}`);
    if (said.type === 'server.failed' || said.type === 'connection.failed') {
      this.faults.push(`an actor threw: ${String(said.error)}`);
    }
  }

  #note(connId: string, said: ConnectionEmitted): void {
    const life = this.lives.get(connId);
    if (life === undefined) return;
    const isHeld = (): boolean =>
      life.binaryId !== null && this.server !== undefined && liveBinary(this.server) === life.binaryId;
    switch (said.type) {
      case 'connection.admitted':
        life.admissions++;
        life.binaryId = said.binaryId;
        return;
      case 'connection.refused':
        life.refusals++;
        return;
      case 'connection.left':
        life.departures.push(said.cause);
        life.wasHeldAtDeparture = isHeld();
        return;
      case 'connection.ended':
        life.ends++;
        life.wasHeldAtEnd = isHeld();
        return;
      case 'notice.due':
        this.lives.get(said.connId)?.noticesAt.push(connId);
        return;
      case 'cut.due':
        life.isCut = true;
        return;
      case 'discard.due':
        life.closingSince = ++this.#closings;
        return;
      case 'connection.cut_short': {
        const { closing } = this;
        life.isCutShort = true;
        life.wasCutOutOfTurn =
          closing[0] !== connId ||
          closing.length <= maxClosing(this.maxPhones) ||
          this.system.phase !== 'serving';
        return;
      }
      case 'ping.due':
      case 'probe.due':
      case 'flush.due':
      case 'close.due':
      case 'end.due':
    }
  }
}

/**
 * `--stately-inspect`: sends what happens in the actors to a hub of `@statelyai/inspect` on this machine, and to nowhere else. It
 * listens to nothing, and drops what it is told. Inspection is attached only while the hub is there.
 */

import { WebSocket } from 'ws';
import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { DirectoryRef } from '../machines/relay-machine.ts';
import { formatAddress, type ListenAddress } from '../transport/listening.ts';
import {
  MAX_STATELY_ACTORS,
  MAX_STATELY_MESSAGE_BYTES,
  MAX_STATELY_QUEUE_BYTES,
  STATELY_DIAL_TIMEOUT_MS,
  STATELY_REDIAL_MS,
} from './inspect-limits.ts';
import { announceActor, type StatelyMessage, toStatelyMessage } from './stately-events.ts';

export interface StatelyHubOptions {
  readonly relay: AnyActorRef;
  readonly directory: DirectoryRef;
  readonly address: ListenAddress;
  /** Called when the hub is there, and with an error when it is there no more, or at first is not. */
  readonly onChange: (error: string | undefined) => void;
}

export class StatelyHub {
  readonly #options: StatelyHubOptions;
  /** Session ids of the actors that the hub knows. */
  readonly #announced = new Set<string>();
  #socket: WebSocket | undefined;
  #detach: (() => void) | undefined;
  #redial: NodeJS.Timeout | undefined;
  #hasEnded = false;
  /** Undefined until the first dial has ended. */
  #isThere: boolean | undefined;

  constructor(options: StatelyHubOptions) {
    this.#options = options;
  }

  /** Whether inspection is attached, and so costs anything, now. */
  get isAttached(): boolean {
    return this.#detach !== undefined;
  }

  start(): void {
    let problem = 'it has closed';
    const socket = new WebSocket(`ws://${formatAddress(this.#options.address)}`, {
      perMessageDeflate: false,
      handshakeTimeout: STATELY_DIAL_TIMEOUT_MS,
      maxPayload: MAX_STATELY_MESSAGE_BYTES,
    });
    this.#socket = socket;
    socket.on('open', () => this.#attach(socket));
    // What a hub says is for its page.
    socket.on('error', (error) => (problem = error.message));
    socket.on('close', () => this.#lose(problem));
  }

  end(): void {
    this.#hasEnded = true;
    clearTimeout(this.#redial);
    this.#detach?.();
    this.#detach = undefined;
    this.#socket?.terminate();
  }

  #change(isThere: boolean, problem?: string): void {
    if (this.#isThere === isThere) return;
    this.#isThere = isThere;
    this.#options.onChange(problem);
  }

  #lose(problem: string): void {
    this.#detach?.();
    this.#detach = undefined;
    if (this.#hasEnded) return;
    this.#change(false, problem);
    this.#redial = setTimeout(() => this.start(), STATELY_REDIAL_MS).unref();
  }

  #attach(socket: WebSocket): void {
    const { relay, directory } = this.#options;
    this.#announced.clear();
    const { servers, connections } = directory.getSnapshot().context;
    this.#announce(socket, relay);
    this.#announce(socket, directory);
    for (const actors of [servers, connections]) {
      for (const ref of actors.values()) {
        if (this.#announced.size >= MAX_STATELY_ACTORS) break;
        this.#announce(socket, ref);
      }
    }
    const subscription = relay.system.inspect((inspected: InspectionEvent) =>
      this.#inspect(socket, inspected),
    );
    this.#detach = () => subscription.unsubscribe();
    this.#change(true);
  }

  /** Runs inside the relay's own transitions, so it must never throw. */
  #inspect(socket: WebSocket, inspected: InspectionEvent): void {
    try {
      // An actor of the relay; inspection types no other. It is announced with its first snapshot, which it has not yet when created.
      const ref = inspected.actorRef as AnyActorRef;
      if (!this.#announced.has(ref.sessionId)) {
        if (inspected.type === '@xstate.snapshot') this.#announce(socket, ref);
        return;
      }
      const message = toStatelyMessage(inspected);
      if (message !== undefined) this.#send(socket, message);
      if (message?.type === '@xstate.snapshot' && message.snapshot.status !== 'active')
        this.#announced.delete(ref.sessionId);
    } catch {
      // The hub lacks what follows, so it gets everything anew.
      socket.terminate();
    }
  }

  #announce(socket: WebSocket, ref: AnyActorRef): void {
    if (this.#announced.size >= MAX_STATELY_ACTORS) return;
    this.#announced.add(ref.sessionId);
    this.#send(socket, announceActor(ref, this.#options.relay.sessionId));
  }

  /** A hub that reads too slowly is cut, and gets everything anew when it is dialled again. */
  #send(socket: WebSocket, message: StatelyMessage): void {
    if (socket.bufferedAmount > MAX_STATELY_QUEUE_BYTES) socket.terminate();
    else socket.send(JSON.stringify(message), () => {});
  }
}

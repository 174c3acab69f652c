/**
 * What shows that one peer is alive and reads what it is sent: heartbeats, probes, marks, and what is read from it
 * (docs/adr/0011). A mark is a ping between two chunks of the backlog. It reports to the connection's chart, which decides.
 */
import type { SocketEvent } from '../machines/connection-messages.ts';
import { MARK_SPACING_BYTES, MAX_CLOSE_EXTENSIONS, MAX_UNASKED_CONTROL_FRAMES } from '../protocol/limits.ts';
import { Offences } from './offences.ts';
import { Pings } from './pings.ts';
import { type PongPort, Pongs } from './pongs.ts';

export interface LivenessPort extends PongPort {
  ping(payload: string): void;
  report(event: SocketEvent): void;
}

export class Liveness {
  /** Pings and pongs read so far. */
  controlFramesRead = 0;
  /** Bytes read so far, of any kind. */
  bytesRead = 0;
  readonly #port: LivenessPort;
  readonly #pings = new Pings();
  /** Both are made for the first that they count: most peers send none. */
  #pongs: Pongs | undefined;
  #unaskedControlFrames: Offences | undefined;
  #bytesSinceMark = 0;
  /** Whether a heartbeat is out and nothing has been read since. */
  #isHeartbeatOut = false;
  /** Whether a probe is out and nothing has been read since. */
  #isProbeOut = false;
  #isClosing = false;
  #closeExtensions = 0;

  constructor(port: LivenessPort) {
    this.#port = port;
  }

  /** Grows with every pong that shows that the peer has read more. */
  get pingsAnswered(): number {
    return this.#pings.answered;
  }

  /** Counts bytes of the backlog. @returns true if a mark must follow them */
  isMarkDueAfter(bytes: number): boolean {
    this.#bytesSinceMark += bytes;
    return this.#bytesSinceMark >= MARK_SPACING_BYTES;
  }

  /** Each ping is a mark too. */
  sendMark(): void {
    this.#bytesSinceMark = 0;
    this.#port.ping(this.#pings.next());
  }

  sendHeartbeat(): void {
    this.#isHeartbeatOut = true;
    this.sendMark();
  }

  sendProbe(): void {
    this.#isProbeOut = true;
    this.sendMark();
  }

  /** From now on, the chart is told of pongs that show progress: each means that the close frame has come nearer. */
  noteClosing(): void {
    this.#isClosing = true;
  }

  /**
   * Notes bytes from the peer. Whatever they are, they answer a heartbeat and a probe: on a slow link the pong may wait
   * for minutes behind what the peer has sent before.
   */
  noteHeard(bytes: number): void {
    this.bytesRead += bytes;
    if (this.#isHeartbeatOut) {
      this.#isHeartbeatOut = false;
      this.#port.report({ type: 'peer.heard' });
    }
    if (this.#isProbeOut) {
      this.#isProbeOut = false;
      this.#port.report({ type: 'probe.answered' });
    }
  }

  readPong(payload: Buffer): void {
    this.controlFramesRead++;
    if (!this.#pings.readPong(payload)) this.#countUnasked();
    else if (this.#isClosing && ++this.#closeExtensions <= MAX_CLOSE_EXTENSIONS) {
      this.#port.report({ type: 'backlog.acknowledged' });
    }
  }

  readPing(payload: Buffer): void {
    this.controlFramesRead++;
    this.#pongs ??= new Pongs(this.#port);
    this.#pongs.answer(payload);
    this.#countUnasked();
  }

  #countUnasked(): void {
    this.#unaskedControlFrames ??= new Offences(MAX_UNASKED_CONTROL_FRAMES);
    if (!this.#unaskedControlFrames.addedTooMany(performance.now())) return;
    this.#port.report({ type: 'message.rejected', cause: 'control_frames' });
  }
}

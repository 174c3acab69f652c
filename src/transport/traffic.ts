/**
 * What is counted and measured of forwarding. A frame costs microseconds, so only one of many is measured; and what is read is
 * counted in place, without a call of each watcher.
 */
import { SAMPLED_FRAMES } from '../protocol/limits.ts';
import type { Role } from '../protocol/routing-headers.ts';
import type { Direction, Observer } from './observation.ts';
import type { Forwarding } from './outbox.ts';

export class Traffic {
  /** Read from all connections of a role, on the wire but for TLS; also from those that have ended. */
  readonly receivedBytes: Record<Role, number> = { binary: 0, phone: 0 };
  /** By the role of who is sent to. One for all connections. */
  readonly to: Readonly<Record<Role, Forwarding>>;
  #frames = 0;

  constructor(observer: Observer) {
    const forwarding = (direction: Direction): Forwarding => ({
      isSampled: () => this.#isSampled(),
      written: (frames, bytes) => observer.framesForwarded(direction, frames, bytes),
      sampled: (bytes, ms) => observer.observe({ type: 'frame.sampled', direction, bytes, ms }),
    });
    this.to = { binary: forwarding('phone_to_binary'), phone: forwarding('binary_to_phone') };
  }

  #isSampled(): boolean {
    this.#frames = (this.#frames + 1) % SAMPLED_FRAMES;
    return this.#frames === 0;
  }
}

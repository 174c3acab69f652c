/** Series about forwarding: frames and bytes, and the size and the time of one frame of many. */
import { Counter, Histogram, type Registry } from 'prom-client';
import type { Role } from '../protocol/routing-headers.ts';
import type { Direction, Observation, Watcher } from '../transport/observation.ts';
import { PREFIX } from './own-series.ts';

const DIRECTIONS: readonly Direction[] = ['phone_to_binary', 'binary_to_phone'];
const MS_PER_S = 1_000;
/** Up to the largest frame; 60 KB is a usual chunk of an upload. */
const SIZES = [64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576];
/** From a turn of the event loop to the write timeout. */
const TIMES = [
  0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

type ByDirection = Record<Direction, number>;

export class TrafficSeries implements Watcher {
  /** Plain numbers: prom-client finds a series by its labels at each `inc`, which takes a tenth of the time of a frame. */
  readonly #frames: ByDirection = { phone_to_binary: 0, binary_to_phone: 0 };
  readonly #bytes: ByDirection = { phone_to_binary: 0, binary_to_phone: 0 };
  readonly #sizes: Histogram<'direction'>;
  readonly #times: Histogram<'direction'>;

  /** @param receivedBytes so far, by role of the sender */
  constructor(registry: Registry, receivedBytes: () => Readonly<Record<Role, number>>) {
    const registers = [registry];
    /** @param read the values at each scrape, by label value */
    const counter = (
      name: string,
      help: string,
      label: string,
      read: () => Readonly<Record<string, number>>,
    ): void => {
      const made: Counter = new Counter({
        name: `${PREFIX}${name}`,
        help,
        labelNames: [label],
        registers,
        collect: () => {
          made.reset();
          for (const [value, count] of Object.entries(read())) made.inc({ [label]: value }, count);
        },
      });
    };
    const histogram = (name: string, help: string, buckets: number[]): Histogram<'direction'> => {
      const made = new Histogram({
        name: `${PREFIX}${name}`,
        help,
        labelNames: ['direction'],
        buckets,
        registers,
      });
      for (const direction of DIRECTIONS) made.zero({ direction });
      return made;
    };
    counter(
      'frames_forwarded_total',
      'Frames handed to the network in full.',
      'direction',
      () => this.#frames,
    );
    counter(
      'bytes_forwarded_total',
      'Bytes of frames and close notices handed to the network, with WebSocket headers.',
      'direction',
      () => this.#bytes,
    );
    counter(
      'bytes_received_total',
      'Bytes read from connections of this role after their upgrade.',
      'role',
      receivedBytes,
    );
    this.#sizes = histogram(
      'frame_size_bytes',
      'Size of one of 251 forwarded frames, without its envelope.',
      SIZES,
    );
    this.#times = histogram(
      'forwarding_seconds',
      'Time of one of 251 frames from when it was read until the network took it.',
      TIMES,
    );
  }

  observe(seen: Observation): void {
    if (seen.type !== 'frame.sampled') return;
    const { direction, bytes, ms } = seen;
    this.#sizes.observe({ direction }, bytes);
    this.#times.observe({ direction }, ms / MS_PER_S);
  }

  framesForwarded(direction: Direction, count: number, bytes: number): void {
    this.#frames[direction] += count;
    this.#bytes[direction] += bytes;
  }
}

/** Whether this relay should be given new connections, and if not, why. Decides from what it reads; the clock is injected. */
import type { Observation, Watcher } from '../transport/observation.ts';

/** `draining` begins with the drain of the relay's chart, whatever is still open then. */
export type Phase = 'starting' | 'serving' | 'draining';

export type NotReady = Exclude<Phase, 'serving'> | 'shedding' | 'memory_watermark' | 'descriptors';

/** Longer than the usual pause between two probes, so that a probe of each balancer sees that connections were shed. */
const SHEDDING_MS = 15_000;
/** The default of `--max-connections` takes this share at most, so above it files are used up by something else. */
const DESCRIPTORS_SHARE = 0.8;

/** Files that this process may have open, and has. Undefined where the system does not say. */
export interface Descriptors {
  readonly open: number | undefined;
  readonly limit: number | undefined;
}

export interface ReadinessReadings {
  readonly phase: () => Phase;
  /** Nobody is let in then. */
  readonly isAboveWatermark: () => boolean;
  readonly descriptors: () => Descriptors;
}

const isShort = ({ open, limit }: Descriptors): boolean =>
  open !== undefined && limit !== undefined && open > limit * DESCRIPTORS_SHARE;

export class Readiness implements Watcher {
  readonly #readings: ReadinessReadings;
  readonly #nowMs: () => number;
  #shedAtMs = Number.NEGATIVE_INFINITY;

  constructor(readings: ReadinessReadings, nowMs: () => number) {
    this.#readings = readings;
    this.#nowMs = nowMs;
  }

  /** All that keep it from being ready; none if it is. */
  reasons(): readonly NotReady[] {
    const { phase, isAboveWatermark, descriptors } = this.#readings;
    const now = phase();
    return [
      ...(now === 'serving' ? [] : [now]),
      ...(this.#nowMs() - this.#shedAtMs < SHEDDING_MS ? (['shedding'] as const) : []),
      ...(isAboveWatermark() ? (['memory_watermark'] as const) : []),
      ...(isShort(descriptors()) ? (['descriptors'] as const) : []),
    ];
  }

  observe(seen: Observation): void {
    if (seen.type === 'connection.shed') this.#shedAtMs = this.#nowMs();
  }
}

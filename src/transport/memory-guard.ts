/**
 * Samples the memory of the process once a second. Above the watermark new connections are refused and the largest backlogs are
 * shed. It bounds the number of server-ids too, and checks the ledger. Costs nothing per frame.
 */
import { MemoryWatermark } from '../admission/memory-watermark.ts';
import { MEMORY_SAMPLE_INTERVAL_MS, SHED_LEAST_BYTES } from '../protocol/limits.ts';
import type { Role } from '../protocol/routing-headers.ts';
import { BacklogShedder } from './backlog-shedder.ts';
import { queuedBlocks } from './block-pool.ts';
import { contain, type DataPlane } from './data-plane.ts';
import { LedgerCheck } from './ledger-check.ts';

export interface MemoryLimits {
  /** 0 for off. */
  readonly watermarkBytes: number;
  /** 0 for off. */
  readonly maxServerIds: number;
}

export class MemoryGuard {
  readonly #plane: DataPlane;
  readonly #readResidentBytes: () => number;
  readonly #watermark: MemoryWatermark;
  readonly #shedder: BacklogShedder;
  readonly #ledgerCheck: LedgerCheck;
  #maxServerIds: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param readResidentBytes of this process */
  constructor(plane: DataPlane, limits: MemoryLimits, readResidentBytes: () => number) {
    this.#plane = plane;
    this.#readResidentBytes = readResidentBytes;
    this.#watermark = new MemoryWatermark(limits.watermarkBytes);
    this.#shedder = new BacklogShedder(plane.backlog, plane.turn, 'memory_watermark', plane.observer);
    this.#ledgerCheck = new LedgerCheck(plane);
    this.#maxServerIds = limits.maxServerIds;
  }

  start(): void {
    this.#timer = setInterval(
      () => contain(this.#plane.observer, () => this.sample()),
      MEMORY_SAMPLE_INTERVAL_MS,
    ).unref();
  }

  end(): void {
    clearInterval(this.#timer);
  }

  get limits(): MemoryLimits {
    return { watermarkBytes: this.#watermark.markBytes, maxServerIds: this.#maxServerIds };
  }

  /** Connections that exist stay. */
  set limits({ watermarkBytes, maxServerIds }: MemoryLimits) {
    this.#watermark.markBytes = watermarkBytes;
    this.#maxServerIds = maxServerIds;
  }

  /** A condition of admission, for every dial. */
  readonly memoryLimit = (): 'memory' | undefined => (this.#watermark.isAbove ? 'memory' : undefined);

  /** A condition of admission, for a dial whose routing headers are known. */
  serverIdLimit(role: Role, serverId: string): 'max_server_ids' | undefined {
    // A phone makes no server-id: without a binary it is closed with 4404.
    if (role === 'phone' || this.#maxServerIds === 0) return undefined;
    const { servers } = this.#plane.directory.getSnapshot().context;
    return servers.size < this.#maxServerIds || servers.has(serverId) ? undefined : 'max_server_ids';
  }

  sample(): void {
    this.#ledgerCheck.start();
    const residentBytes = this.#readResidentBytes();
    const watermark = this.#watermark;
    const crossing = watermark.sample(residentBytes);
    const { markBytes: watermarkBytes } = watermark;
    const { backlog, observer } = this.#plane;
    if (crossing !== undefined)
      observer.observe({ type: `memory.${crossing}`, residentBytes, watermarkBytes });
    const excessBytes = watermark.excessBytes(residentBytes);
    if (excessBytes === 0) return;
    // Of what was dropped before. Otherwise an idle relay does it, and this one may not be idle.
    queuedBlocks.trim();
    this.#shedder.shed({ downToBytes: backlog.totalBytes - excessBytes, leastBytes: SHED_LEAST_BYTES });
  }
}

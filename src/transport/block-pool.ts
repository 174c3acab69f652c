/**
 * Memory for what is queued, used again and again. If each queued chunk had a buffer of its own, V8 would mark its whole heap for every
 * few tens of megabytes that are queued and dropped, and the allocator would be left with holes that it does not give back (ADR 16).
 */
import {
  BLOCK_STEP_BYTES,
  MOST_SLAB_SHARE,
  SLAB_BYTES,
  SPAN_BYTES,
  SPARE_SLABS,
} from '../protocol/limits.ts';

/** Belongs to whoever took it, until he gives it back. */
export interface Block {
  /** At least as many bytes as were asked for, with whatever was in them. */
  readonly bytes: Buffer;
  /** Undefined for memory of its own. */
  readonly span: Span | undefined;
  isTaken: boolean;
}

interface SpanBlock extends Block {
  readonly span: Span;
}

/** A part of a slab, cut into blocks of one size. */
interface Span {
  readonly slab: Slab;
  readonly memory: Buffer;
  /** 0 until it is cut for the first time. */
  blockBytes: number;
  blocks: number;
  free: SpanBlock[];
}

/** One mapping of memory. */
interface Slab {
  /** Spans of which no block is taken and which no size keeps. */
  readonly unused: Span[];
}

const SPANS = SLAB_BYTES / SPAN_BYTES;

const newSlab = (): Slab => {
  // V8 counts other buffers as part of its heap, and for each 64 MiB more it marks all of that, in steps of 5 to 10 ms in which everybody
  // waits. This one it does not count, and maps by itself because it could grow: it is not resident before it is used, and returned to
  // the system as a whole, whatever the allocator.
  const memory = Buffer.from(new SharedArrayBuffer(SLAB_BYTES, { maxByteLength: SLAB_BYTES }), 0, SLAB_BYTES);
  const slab: Slab = { unused: [] };
  for (let from = SLAB_BYTES - SPAN_BYTES; from >= 0; from -= SPAN_BYTES) {
    const part = memory.subarray(from, from + SPAN_BYTES);
    slab.unused.push({ slab, memory: part, blockBytes: 0, blocks: 0, free: [] });
  }
  return slab;
};

const cut = (span: Span, blockBytes: number): void => {
  if (span.blockBytes === blockBytes) return;
  span.blockBytes = blockBytes;
  span.free = [];
  for (let from = 0; from + blockBytes <= SPAN_BYTES; from += blockBytes) {
    span.free.push({ bytes: span.memory.subarray(from, from + blockBytes), span, isTaken: false });
  }
  span.blocks = span.free.length;
};

const isFree = ({ free, blocks }: Span): boolean => free.length === blocks;

const isOfSpan = (block: Block): block is SpanBlock => block.span !== undefined;

export class BlockPool {
  readonly #slabs = new Set<Slab>();
  /** For each size of block, the spans that have a free one. */
  readonly #open = new Map<number, Span[]>();
  #takenBytes = 0;

  /** Memory of all slabs. Blocks that were never taken are not resident. */
  get slabBytes(): number {
    return this.#slabs.size * SLAB_BYTES;
  }

  /** Memory of all blocks that are not given back yet. */
  get takenBytes(): number {
    return this.#takenBytes;
  }

  /** @param bytes at most `SPAN_BYTES` */
  take(bytes: number): Block {
    const blockBytes = Math.ceil(bytes / BLOCK_STEP_BYTES) * BLOCK_STEP_BYTES;
    const block = this.#takeOf(blockBytes) ?? {
      bytes: Buffer.allocUnsafeSlow(blockBytes),
      span: undefined,
      isTaken: false,
    };
    block.isTaken = true;
    this.#takenBytes += blockBytes;
    return block;
  }

  /**
   * Call it once for each block, when nobody reads or writes it any more.
   * @throws RangeError if it is not taken: two would write to it
   */
  give(block: Block): void {
    if (!block.isTaken) throw new RangeError('a block was given back twice');
    block.isTaken = false;
    this.#takenBytes -= block.bytes.length;
    if (isOfSpan(block)) this.#giveTo(block.span, block);
  }

  /** Lets go of slabs of which nothing is taken. Their memory is returned when V8 collects them. */
  trim(): void {
    for (const [blockBytes, open] of this.#open) {
      for (const span of open.filter(isFree)) span.slab.unused.push(span);
      this.#open.set(
        blockBytes,
        open.filter((span) => !isFree(span)),
      );
    }
    for (const slab of this.#slabs) if (slab.unused.length === SPANS) this.#slabs.delete(slab);
  }

  /** Undefined if there is none, and there may be no more slabs. */
  #takeOf(blockBytes: number): Block | undefined {
    const open = this.#openSpans(blockBytes);
    const span = open.at(-1) ?? this.#addSpan(open, blockBytes);
    const block = span?.free.pop();
    if (span?.free.length === 0) open.pop();
    return block;
  }

  #giveTo(span: Span, block: SpanBlock): void {
    const open = this.#openSpans(span.blockBytes);
    if (span.free.length === 0) open.push(span);
    span.free.push(block);
    // The last one stays cut, for the next block of this size.
    if (isFree(span) && open.length > 1) {
      open.splice(open.indexOf(span), 1);
      span.slab.unused.push(span);
    }
  }

  #openSpans(blockBytes: number): Span[] {
    const known = this.#open.get(blockBytes);
    if (known !== undefined) return known;
    const open: Span[] = [];
    this.#open.set(blockBytes, open);
    return open;
  }

  #addSpan(open: Span[], blockBytes: number): Span | undefined {
    const span = this.#unusedSpan();
    if (span === undefined) return undefined;
    cut(span, blockBytes);
    open.push(span);
    return span;
  }

  #unusedSpan(): Span | undefined {
    for (const { unused } of this.#slabs) {
      const span = unused.pop();
      if (span !== undefined) return span;
    }
    // Peers choose how long their blocks are taken: one of each span would keep all of it.
    if (this.slabBytes + SLAB_BYTES > MOST_SLAB_SHARE * this.#takenBytes + SPARE_SLABS * SLAB_BYTES)
      return undefined;
    const slab = newSlab();
    this.#slabs.add(slab);
    return slab.unused.pop();
  }
}

/** Of the whole process, as Node's own pool for small buffers is. */
export const queuedBlocks = new BlockPool();

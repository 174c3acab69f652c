/**
 * The chunks of one socket that wait to be written. What waits must not hold memory that it is not charged for: one tiny
 * part in each of Node's shared 8 KiB slabs would hold a hundred times its charge.
 */
import {
  BLOCK_STEP_BYTES,
  COPIED_BODY_BYTES,
  WAITING_BLOCK_BYTES,
  WRITE_CHUNK_BYTES,
} from '../protocol/limits.ts';
import { type Block, queuedBlocks } from './block-pool.ts';
import type { WriteChunk } from './write-chunks.ts';

const NO_BLOCK = Buffer.alloc(0);

const isOfBlock = (part: Uint8Array, blocks: readonly Block[]): boolean =>
  blocks.some(({ bytes }) => bytes.buffer === part.buffer);

/** A chunk that can still grow. Copies small parts into blocks of its own, and refers to large ones unless told to copy them too. */
class OwnChunk implements WriteChunk {
  bytes = 0;
  forwarded = 0;
  charge = 0;
  readonly #parts: Uint8Array[] = [];
  readonly blocks: Block[] = [];
  #block: Buffer = NO_BLOCK;
  /** The part of the block that is not in `#parts` yet. */
  #from = 0;
  #to = 0;
  #blockBytes = 0;

  get parts(): readonly Uint8Array[] {
    this.#endPart();
    return this.#parts;
  }

  /** @param isWhole whether large parts are copied too */
  add({ parts, blocks, bytes, forwarded, charge }: WriteChunk, isWhole: boolean): void {
    this.bytes += bytes;
    this.forwarded += forwarded;
    this.charge += charge;
    for (const block of blocks) this.blocks.push(block);
    for (const part of parts) {
      if (part.length < COPIED_BODY_BYTES || (isWhole && !isOfBlock(part, blocks))) {
        this.#copy(part);
      } else {
        this.#endPart();
        this.#parts.push(part);
      }
    }
  }

  /** Fills each block before it takes another: a peer chooses the sizes, and what is left of each would add up. */
  #copy(part: Uint8Array): void {
    for (let from = 0; from < part.length; ) {
      if (this.#to === this.#block.length) this.#newBlock(part.length - from);
      const copied = Math.min(part.length - from, this.#block.length - this.#to);
      this.#block.set(part.subarray(from, from + copied), this.#to);
      this.#to += copied;
      from += copied;
    }
  }

  /** Blocks double, up to what a chunk can still take: at most half of their memory is unused, and a chunk has few. */
  #newBlock(atLeast: number): void {
    this.#endPart();
    const mayFollow = WRITE_CHUNK_BYTES - this.bytes;
    const wanted = Math.min(Math.max(this.#blockBytes, WAITING_BLOCK_BYTES), atLeast + mayFollow);
    // The pool gives whole steps: to round up would be more than twice.
    const whole = wanted < BLOCK_STEP_BYTES ? wanted : wanted - (wanted % BLOCK_STEP_BYTES);
    this.#block = this.#allocate(Math.max(atLeast, whole));
    this.#blockBytes += this.#block.length;
    this.#from = 0;
    this.#to = 0;
  }

  /** Never from the slabs that Node shares. */
  #allocate(bytes: number): Buffer {
    if (bytes < BLOCK_STEP_BYTES) return Buffer.allocUnsafeSlow(bytes);
    const block = queuedBlocks.take(bytes);
    this.blocks.push(block);
    return block.bytes;
  }

  #endPart(): void {
    if (this.#to > this.#from) this.#parts.push(this.#block.subarray(this.#from, this.#to));
    this.#from = this.#to;
  }
}

export class WaitingChunks {
  #chunks: WriteChunk[] = [];
  #next = 0;
  /** The chunks from here on may still hold shared memory. */
  #keptTo = 0;
  /** The last chunk that is kept, as long as it waits. */
  #last: OwnChunk | undefined;

  push(chunks: WriteChunk[]): void {
    if (this.#chunks.length === 0) this.#chunks = chunks;
    else for (const chunk of chunks) this.#chunks.push(chunk);
  }

  /** The oldest chunk. Whoever has written it gives its blocks back. */
  take(): WriteChunk | undefined {
    const chunk = this.#chunks[this.#next];
    if (chunk === undefined) return undefined;
    // Its place in the list must not keep it in memory.
    this.#chunks[this.#next] = TAKEN;
    this.#next++;
    if (chunk === this.#last) this.#last = undefined;
    if (this.#next === this.#chunks.length) {
      this.#reset();
    } else if (this.#next >= COMPACT_AFTER) {
      this.#chunks = this.#chunks.slice(this.#next);
      this.#keptTo = Math.max(this.#keptTo - this.#next, 0);
      this.#next = 0;
    }
    return chunk;
  }

  /**
   * Moves what waits out of shared memory, and joins chunks that fit one write.
   * @param isLong whether it will wait for long. Then large parts are copied into blocks too: V8 frees a buffer that has become old only
   * by marking the whole heap (ADR 16). For one that is written a moment later, the copy would be in vain.
   */
  keep(isLong: boolean): void {
    if (this.#keptTo === this.#chunks.length) return;
    const fresh = this.#chunks.splice(Math.max(this.#keptTo, this.#next));
    for (const chunk of fresh) {
      if (this.#last === undefined || this.#last.bytes + chunk.bytes > WRITE_CHUNK_BYTES) {
        this.#last = new OwnChunk();
        this.#chunks.push(this.#last);
      }
      this.#last.add(chunk, isLong);
    }
    this.#keptTo = this.#chunks.length;
  }

  /** Drops all. */
  clear(): void {
    const dropped = this.#chunks;
    this.#reset();
    for (const { blocks } of dropped) for (const block of blocks) queuedBlocks.give(block);
  }

  #reset(): void {
    this.#chunks = [];
    this.#next = 0;
    this.#keptTo = 0;
    this.#last = undefined;
  }
}

const TAKEN: WriteChunk = { parts: [], blocks: [], bytes: 0, forwarded: 0, charge: 0 };
/** Places of taken chunks in a long list before it is compacted: copying the rest each time would be quadratic. */
const COMPACT_AFTER = 64;

/**
 * The recorder's contents as of one moment, without copying them in one go: a server-id's records are copied when they are
 * read, or just before the recorder changes them, whichever comes first.
 */
import type { Tape } from './tape.ts';

/** The tapes of all server-ids, each to be read once. */
export interface Tapes extends Iterable<Tape> {
  readonly servers: number;
  readonly records: number;
  /** Nothing more is read. Until this is called, the recorder copies what it changes. */
  readonly end: () => void;
}

/** @typeParam T what the recorder keeps of a server-id */
export class TapeCopy<T extends object> implements Tapes {
  readonly servers: number;
  readonly records: number;
  readonly #tapeOf: (track: T) => Tape;
  readonly #ended: (copy: TapeCopy<T>) => void;
  /** What has not been read yet. Undefined: unchanged since, and not copied. */
  readonly #unread: Map<T, Tape | undefined>;

  constructor(
    tracks: Iterable<T>,
    records: number,
    tapeOf: (track: T) => Tape,
    ended: (copy: TapeCopy<T>) => void,
  ) {
    this.#unread = new Map(Array.from(tracks, (track) => [track, undefined]));
    this.servers = this.#unread.size;
    this.records = records;
    this.#tapeOf = tapeOf;
    this.#ended = ended;
  }

  /** Called before the records of `track` change. */
  keep(track: T): void {
    if (this.#unread.has(track) && this.#unread.get(track) === undefined) {
      this.#unread.set(track, this.#tapeOf(track));
    }
  }

  *[Symbol.iterator](): Generator<Tape, void> {
    for (const [track, kept] of this.#unread) {
      this.#unread.delete(track);
      yield kept ?? this.#tapeOf(track);
    }
  }

  end(): void {
    this.#unread.clear();
    this.#ended(this);
  }
}

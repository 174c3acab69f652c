/**
 * Bounds of messages and connections: what is read, queued, written and closed. An operator can override the `DEFAULT_` ones through
 * `config/settings.ts`; the others are fixed. Those of one other subject are in files of its name: `request-limits.ts`,
 * `tls-limits.ts`, `push-limits.ts`, `observe/log-limits.ts`.
 */

const KIB = 1024;

/** Longest accepted message on either leg, in bytes, over all its fragments (spec section 1). */
export const DEFAULT_MAX_FRAME_BYTES = 256 * KIB;
/** Maximum phones per server-id (spec section 3). */
export const DEFAULT_MAX_PHONES = 16;
/** Maximum bytes queued for one phone, including the write in progress (spec section 4). */
export const DEFAULT_PHONE_BACKLOG_BYTES = 4 * KIB * KIB;

/** Added to the size of each queued frame, so that empty frames cannot fill memory for free (spec section 4). */
export const FRAME_OVERHEAD_BYTES = 64;
/**
 * Maximum bytes handed to one socket at a time. A ping, pong or close frame therefore waits behind at most this much.
 * It is also the progress a peer must make within each write timeout.
 */
export const WRITE_CHUNK_BYTES = 64 * KIB;
/**
 * Bytes written to one socket between two marks: pings whose pongs show what the peer itself has read. Slightly below two
 * full chunks. A peer that takes 16 KiB/s answers one every 8 s, within the default write timeout.
 */
export const MARK_SPACING_BYTES = 120 * KIB;
/** Pings remembered per connection, to know their pongs: 30 MiB of marks, far more than the kernel and a proxy hold. */
export const MAX_OUTSTANDING_PINGS = 256;
/**
 * Frame bodies of at least this size are sent from the receive buffer without a copy (docs/performance.md), if they fill at
 * least half of that buffer. A queue thus retains at most twice the memory it is charged for.
 */
export const COPIED_BODY_BYTES = 8 * KIB;
/** Smallest block of memory for small frames that wait for a socket. Each stalled socket costs at least this much. */
export const WAITING_BLOCK_BYTES = KIB;
/** Memory for what is queued is handed out in multiples of this: one page of the system. */
export const BLOCK_STEP_BYTES = 4 * KIB;
/** Memory that is cut into blocks of one size. Four of the largest block, so at most a fifth of it is left over. */
export const SPAN_BYTES = 4 * (WRITE_CHUNK_BYTES + BLOCK_STEP_BYTES);
/** One mapping of memory, of some 34 MiB. What is not used of it is not resident. */
export const SLAB_BYTES = 128 * SPAN_BYTES;
/** There are slabs for at most so many times what is taken, and so many more. Beyond that, blocks have memory of their own. */
export const MOST_SLAB_SHARE = 2;
export const SPARE_SLABS = 2;
/**
 * Bytes one socket may deliver in one turn of the event loop before the relay pauses it. Slightly below the 64 KiB of a
 * full read: a flooding peer yields after every read, and a message of ordinary size never does.
 */
export const READ_SHARE_BYTES = 62 * KIB;
/**
 * What a read counts at least. A TLS record of one byte is a read of its own to Node, and 64 KiB from the network contain 2,800 of
 * them, each of which costs as much as a larger one.
 */
export const MIN_READ_COUNT_BYTES = KIB;
/**
 * WebSocket frames of one socket that are parsed in one turn, fragments and control frames included. One read can contain
 * 9,000 tiny ones, and each costs 1 to 3 µs.
 */
export const READ_SHARE_FRAMES = 128;
/**
 * Sockets that wait for another share and are read in one turn, unless they are a crowd. It bounds the turn, and so how long everybody else
 * waits, however many peers flood: to read 64 KiB and to write it on costs some 400 µs, as much as two hundred tiny frames. With eight, a
 * turn beside 250 binaries that flooded took 3 ms and a quiet echo 7; with two, 0.5 and 1.5, and a frame costs no more (ADR 8).
 */
export const WAITING_READERS_PER_TURN = 2;
/**
 * Time between two reads of sockets that wait, while more than half of `--total-backlog-bytes` is taken: they are what fills it. A read of
 * 64 KiB every 2 ms is at most 32 MB/s for all of them, and leaves most of the time to everybody else (ADR 16).
 */
export const READERS_REST_MS = 2;
/**
 * So many lanes with sockets that wait are a crowd. They want more than the relay has, and to read them as fast as it can leaves no moment
 * in which nobody else would have to wait. So a turn reads one of them, and after each `CROWD_READ_MS` none for about `CROWD_REST_MS`
 * (timers count whole milliseconds). A few that send much are read as fast as they come (ADR 8).
 */
export const CROWD_LANES = 32;
export const CROWD_READ_MS = 0.4;
export const CROWD_REST_MS = 1;
/**
 * What one socket may still bring when the turn has brought what it should: so many frames of a read of less than so many bytes. Peers
 * that send a message now and then bring less.
 */
export const MIN_WAITING_FRAMES = 16;
export const MIN_WAITING_BYTES = 16 * KIB;
/**
 * Frames that all sockets together may bring in one turn. Beyond it, or beyond `TURN_PARSE_MS`, each is stopped after
 * `MIN_WAITING_FRAMES` instead of its share: hundreds of sockets that flood would otherwise bring a whole share each, in the
 * one turn that reads them first.
 */
export const TURN_FRAMES = 4_096;
/**
 * Time that parsing may take in one turn, for all sockets together. A frame that is logged, or a costly envelope, takes many
 * times as long as a plain frame, so counts alone do not bound a turn.
 */
export const TURN_PARSE_MS = 2;
/**
 * Time that writing may take in one turn, for all that hold more than `SHORT_BACKLOG_BYTES`. The others are written first: a peer with a
 * message or two does not wait for those that flood.
 */
export const TURN_WRITE_MS = 2;
export const SHORT_BACKLOG_BYTES = 8 * KIB;
/**
 * While writes are left over from turn to turn, waiting sockets are still read in the eighth of these turns, the sixteenth, and so
 * on. Otherwise peers that keep the writes behind would keep them from ever being read.
 */
export const MOST_TURNS_BEHIND = 8;
/**
 * A phone that sends while its binary's queue is above the high mark is paused. It resumes once the queue falls below the
 * low mark.
 */
export const BINARY_QUEUE_HIGH_BYTES = 1024 * KIB;
export const BINARY_QUEUE_LOW_BYTES = 512 * KIB;
/** The smallest `--total-backlog-bytes`: one turn of the event loop can read this much. */
export const MIN_TOTAL_BACKLOG_BYTES = 1024 * KIB;
/** How often the memory of the process is sampled, and the ledger of backlogs checked. */
export const MEMORY_SAMPLE_INTERVAL_MS = 1_000;
/**
 * Above the memory watermark, only connections that hold at least this much are closed. Most hold less at any time, and to close
 * them all would free nothing if the memory is taken by something else.
 */
export const SHED_LEAST_BYTES = 64 * KIB;
/**
 * Connections closed in one turn while memory is short. To close one takes some 500 µs, and several hundred can be due at once. Above the
 * limit there may be more: what many sockets bring in a turn, little each, can be more than two hold. With 16, a turn took 9 ms.
 */
export const SHED_PER_TURN = 2;
export const MOST_SHED_PER_TURN = 4;
/** Of those that hold most, so many are looked at in one shedding. If all of them hold too little to make room, the next charge begins another. */
export const SHED_CANDIDATES = 512;
/** The smallest `--server-id-bytes-per-second`: a socket that has read 64 KiB then answers nothing for a second, and not for a minute. */
export const MIN_SERVER_ID_RATE_BYTES = 64 * KIB;
/** The same marks while the queues of all connections together are long (`--total-backlog-bytes`). */
export const TIGHT_QUEUE_HIGH_BYTES = 64 * KIB;
export const TIGHT_QUEUE_LOW_BYTES = 32 * KIB;
/**
 * Hard limit of a binary's queue. A phone whose frame would exceed it is closed. Well above what 16 paused phones can
 * still add: one read of tiny frames each, with the overhead per frame.
 */
export const BINARY_QUEUE_MAX_BYTES = 32 * KIB * KIB;

/**
 * Connections of one server-id that were admitted and are being closed: as many as may be open, the phones of the cap and a
 * binary. One more, and the oldest is cut: a phone that is closed frees its place at once, but its backlog stays until it is
 * sent. Without a cap, open phones are not bounded, and neither are these.
 */
export const maxClosing = (maxPhones: number): number =>
  maxPhones > 0 ? maxPhones + 1 : Number.POSITIVE_INFINITY;
/**
 * The same for connections that were never admitted. They have no backlog. Phones that find no binary come back every few
 * seconds and answer their close within a round trip, so even hundreds of them are rarely this many at once.
 */
export const MAX_CLOSING_REFUSED = 64;

/** Claimants in line for the outcome of one conflict probe. The next one is refused with 4409 at once. */
export const MAX_CLAIMANTS = 16;

/**
 * Members of an envelope, unknown ones included. No client sends more than four. A message full of tiny members would take a
 * hundred times as long to read as a frame of the same size.
 */
export const MAX_ENVELOPE_MEMBERS = 16;

/**
 * A binary that sends this many broken envelopes within one period is closed with 1008. Valid ones in between do not help it, or
 * a flood would contain a few. A daemon with a bug answers each of its frames with one, which is far less. An unknown conn id is
 * not broken: older daemons answer a close notice with a directive for the phone that is gone.
 */
export const MAX_BROKEN_ENVELOPES = 1_000;
/**
 * A peer that sends this many pings, and pongs that answer no ping, within one period is closed with 1008. They cost six bytes
 * each and are never held back, so a flood of them in the kernel's buffers would be read for minutes. A client pings every
 * few seconds.
 */
export const MAX_UNASKED_CONTROL_FRAMES = 2_000;
/** The period of these two, and of `MAX_BARREN_RECORDS`. */
export const OFFENCE_PERIOD_MS = 10_000;

/** Deeper JSON is invalid. Go's decoder has the same limit, so phones see no difference (spec section 2). */
export const MAX_JSON_DEPTH = 10_000;

/** A closing connection has 5 s to accept the close frame, then another 5 s to answer it (spec section 4). */
export const CLOSE_WRITE_TIMEOUT_MS = 5_000;
export const CLOSE_ANSWER_TIMEOUT_MS = 5_000;

/**
 * How often a closing connection gets its time to answer again, because a mark was answered. The kernel holds at most some
 * 6 MiB in front of the close frame, 52 marks. A peer that has left earlier marks unanswered could answer them one by one.
 */
export const MAX_CLOSE_EXTENSIONS = 64;

/**
 * Time a closing connection has to drain its queue. Without it, a slow reader could keep the connection for ever. A full
 * backlog, and as much in the kernel in front of it, take 512 s at 16 KiB/s.
 */
export const FLUSH_TIMEOUT_MS = 600_000;

/**
 * One of this many forwarded frames is measured: that takes microseconds, as a frame does. A prime, so that frames which go to and fro are measured in both directions.
 */
export const SAMPLED_FRAMES = 251;

/** A single sweep checks all connections for stalled bytes at this interval. */
export const STALL_SWEEP_INTERVAL_MS = 1_000;
/** Connections that it checks in one turn of the event loop, in about 1 ms if none of them was touched lately. */
export const STALL_SWEEP_SLICE = 128;
/** Connections whose account is compared in one turn, once a second. 4,000 at once take 5 ms. */
export const LEDGER_CHECK_SLICE = 512;
/**
 * How long it may report stalls before it rests for `STALL_REST_MS`. Thousands that have stalled together dial again together, and
 * to close one and take it again costs 1.3 ms: so some 300 a second are closed, for half of the time (ADR 16).
 */
export const STALL_SLICE_MS = 1;
export const STALL_REST_MS = 8;

/** Maximum fragments per message, empty ones included. */
export const MAX_MESSAGE_FRAGMENTS = 16_384;
/**
 * A piece of an incomplete message, a fragment or a read, is kept as it came if it has at least this size and fills at least
 * half of its buffer. Smaller pieces are joined. An incomplete message thus takes at most about twice its own size, or
 * `REUSED_PIECE_BYTES`.
 */
export const KEPT_PIECE_BYTES = 8 * KIB;
/** As much memory is used again for the next message, though less of it may come first. As large as a read. */
export const REUSED_PIECE_BYTES = 64 * KIB;
/** Maximum pongs queued in one socket. Of the pings that are read meanwhile, only the last is answered. */
export const MAX_PENDING_PONGS = 60;

/** Time between two waves of a drain that is spread: short, so that the daemons come back evenly. */
export const DRAIN_WAVE_INTERVAL_MS = 100;

/** How long chart timers that expire together may run before sockets get a turn of the event loop. */
export const TIMER_SLICE_MS = 2;

/** How long the charts of sockets that end together may take before other sockets get a turn of the event loop. */
export const END_SLICE_MS = 2;

/** The longest delay of a Node timer. A longer one fires after 1 ms. */
export const MAX_TIMER_MS = 2_147_483_647;

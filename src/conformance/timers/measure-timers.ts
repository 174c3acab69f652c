/** How each timer of a relay is measured. */
import { STALL_SWEEP_INTERVAL_MS } from '../../protocol/limits.ts';
import { pause } from '../pause.ts';
import type { WirePeer } from '../wire-peer.ts';
import { type Stage, Unmeasured } from './stage.ts';
import type { Span, TimerName } from './timer-span.ts';

export interface Measurement {
  readonly timer: TimerName;
  /** What the target may add by design. */
  readonly extraMs: number;
  /** How long it takes at least, as a multiple of the declared lengths of these timers. */
  readonly waitsFor: readonly TimerName[];
  /** From when on another timer may have been what fired, in milliseconds. */
  readonly mayBeOtherMs?: (lengths: Readonly<Record<TimerName, number>>) => number;
  readonly measure: (stage: Stage, longest: Longest) => Promise<Span>;
}

/** The longest wait for a timer in milliseconds. */
type Longest = (timer: TimerName) => number;

/** A stall is noticed at the second sweep after its time (src/transport/stall-sweep.ts). */
const SWEEPS_MS = 2 * STALL_SWEEP_INTERVAL_MS;

/** More than the kernels and the queues between a phone and a binary hold, in messages of a legal size. */
const FLOOD_MESSAGES = 160;
const FLOOD_CHARS = 128 * 1024;
/** A flood that has not moved for so long waits for the binary. */
const STUCK_MS = 300;
const LOOK_MS = 20;
/** From the dial of a binary, when its heartbeat begins, until it reads no more. */
const HEARD_BEFORE_MS = 500;

/** @throws Unmeasured if the peer stays open */
const endOf = async (peer: WirePeer, longestMs: number): Promise<number> => {
  if ((await peer.close(longestMs)) === undefined) throw new Unmeasured('did not fire');
  return performance.now();
};

const pingOf = async (peer: WirePeer, longestMs: number): Promise<number> => {
  if (!(await peer.pinged(longestMs))) throw new Unmeasured('did not fire');
  return performance.now();
};

const between = (firstStartMs: number, lastStartMs: number, endMs: number): Span => ({
  leastMs: endMs - lastStartMs,
  mostMs: endMs - firstStartMs,
});

const measureGrace = async (stage: Stage, longest: Longest): Promise<Span> => {
  const holder = await stage.holder();
  const phone = await stage.phone();
  const firstStartMs = performance.now();
  await holder.leave(longest('grace'));
  const lastStartMs = performance.now();
  return between(firstStartMs, lastStartMs, await endOf(phone, longest('grace')));
};

const measureProbe = async (stage: Stage, longest: Longest): Promise<Span> => {
  const holder = await stage.holder();
  holder.holdPings();
  const firstStartMs = performance.now();
  await stage.dial('binary');
  const lastStartMs = await pingOf(holder, longest('probe-timeout'));
  return between(firstStartMs, lastStartMs, await endOf(holder, longest('probe-timeout')));
};

/** The first ping comes at a time of its own; from the second on, the interval shows. */
const measureInterval = async (stage: Stage, longest: Longest): Promise<Span> => {
  const holder = await stage.holder();
  holder.holdPings();
  const firstStartMs = await pingOf(holder, longest('heartbeat-interval'));
  holder.answerPings();
  holder.holdPings();
  const lastStartMs = performance.now();
  return between(firstStartMs, lastStartMs, await pingOf(holder, longest('heartbeat-interval')));
};

const measureHeartbeat = async (stage: Stage, longest: Longest): Promise<Span> => {
  const holder = await stage.holder();
  holder.holdPings();
  const pingedAtMs = await pingOf(holder, longest('heartbeat-interval'));
  return between(pingedAtMs, pingedAtMs, await endOf(holder, longest('heartbeat-timeout')));
};

const measureMessage = async (stage: Stage, longest: Longest): Promise<Span> => {
  await stage.holder();
  const phone = await stage.phone();
  const firstStartMs = performance.now();
  phone.sendPart('{"n":');
  await stage.roundTrip(phone);
  const lastStartMs = performance.now();
  return between(firstStartMs, lastStartMs, await endOf(phone, longest('message-timeout')));
};

/** A binary that reads nothing. Its phone is read no further, until the binary is given up: then nobody hears the phone. */
const measureWrite = async (stage: Stage, longest: Longest): Promise<Span> => {
  const holder = await stage.holder();
  const phone = await stage.phone();
  holder.stopReading();
  const firstStartMs = performance.now();
  const message = JSON.stringify({ flood: 'x'.repeat(FLOOD_CHARS) });
  for (let sent = 0; sent < FLOOD_MESSAGES; sent++) phone.send(message);
  let lastStartMs = firstStartMs;
  let waiting = phone.unsentBytes;
  while (performance.now() - lastStartMs < STUCK_MS) {
    await pause(LOOK_MS);
    if (phone.unsentBytes !== waiting) lastStartMs = performance.now();
    waiting = phone.unsentBytes;
  }
  if (waiting === 0) throw new Unmeasured('the target took everything for a binary that reads nothing');
  const givesUpAt = performance.now() + longest('write-timeout');
  // The end of TCP waits behind the flood; its close frame does not.
  while (phone.isOpen) {
    if (performance.now() > givesUpAt) throw new Unmeasured('did not fire');
    await pause(LOOK_MS);
  }
  return between(firstStartMs, lastStartMs, performance.now());
};

export const MEASUREMENTS: readonly Measurement[] = [
  { timer: 'grace', extraMs: 0, waitsFor: ['grace'], measure: measureGrace },
  { timer: 'probe-timeout', extraMs: 0, waitsFor: ['probe-timeout'], measure: measureProbe },
  {
    timer: 'heartbeat-interval',
    extraMs: 0,
    waitsFor: ['heartbeat-interval', 'heartbeat-interval'],
    measure: measureInterval,
  },
  {
    timer: 'heartbeat-timeout',
    extraMs: 0,
    waitsFor: ['heartbeat-interval', 'heartbeat-timeout'],
    measure: measureHeartbeat,
  },
  { timer: 'message-timeout', extraMs: SWEEPS_MS, waitsFor: ['message-timeout'], measure: measureMessage },
  {
    timer: 'write-timeout',
    extraMs: SWEEPS_MS,
    waitsFor: ['write-timeout'],
    // A binary that reads nothing answers no ping either. The first may come after half an interval, and it dialled a while before.
    mayBeOtherMs: (lengths) =>
      lengths['heartbeat-interval'] / 2 + lengths['heartbeat-timeout'] - HEARD_BEFORE_MS,
    measure: measureWrite,
  },
];

/** Those that every run measures; the others take long, and only with `--timers`. */
export const ALWAYS_MEASURED: ReadonlySet<TimerName> = new Set(['grace', 'probe-timeout']);

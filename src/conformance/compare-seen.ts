/** Compares what the peers of an actor system saw in a step with the table of expectations. */
import type { Expected, ExpectedClose } from './expectations.ts';
import type { Seen } from './played-sockets.ts';
import { closesOf, describeClose, describeGot, isSameClose, type Roster } from './roster.ts';
import type { Edge } from './server-graph.ts';

export interface Step {
  readonly edge: Edge;
  readonly expected: Expected;
  /** The peers connected before the step. */
  readonly before: Roster<string>;
  readonly dialled: string | undefined;
}

const compareCloses = (
  wanted: ReadonlyMap<string, ExpectedClose>,
  actual: ReadonlyMap<string, ExpectedClose>,
): string | undefined => {
  for (const [peer, close] of wanted) {
    const got = actual.get(peer);
    if (got === undefined) return `expected ${describeClose(close)}, got open`;
    if (!isSameClose(close, got)) return `expected ${describeClose(close)}, got ${describeGot(close, got)}`;
  }
  for (const [peer, close] of actual) {
    if (!wanted.has(peer)) return `expected ${peer} to stay, got ${describeClose(close)}`;
  }
  return undefined;
};

const compareAdmissions = (
  admitted: readonly string[],
  { expected, before, dialled }: Step,
): string | undefined => {
  const wanted = [
    ...(expected.dialler === 'admitted' && dialled !== undefined ? [dialled] : []),
    ...(expected.newHolder === 'first in line' ? before.line.slice(0, 1) : []),
  ];
  return admitted.join() === wanted.join()
    ? undefined
    : `expected ${wanted.join() || 'nobody'} to be admitted, got ${admitted.join() || 'nobody'}`;
};

/** The holder is pinged when the first claimant gets in line, and never otherwise. */
const compareProbes = (probed: readonly string[], { edge, expected, before }: Step): string | undefined => {
  const isDisputed = edge.event === 'claim' && edge.from.slot === 'live' && expected.dialler === 'waits';
  const wanted = isDisputed ? before.holder : '';
  return probed.join() === wanted
    ? undefined
    : `expected ${wanted || 'nobody'} to be pinged, got ${probed.join() || 'nobody'}`;
};

const compareNotices = (notices: Seen['notices'], { edge, expected, before }: Step): string | undefined => {
  const about = edge.event === 'phone sends bad JSON' ? before.phones[0] : before.phones.at(-1);
  const wanted = expected.notice === undefined ? '' : `${expected.notice} about ${about} at ${before.holder}`;
  const got = notices.map(({ at, about: phone, closeCode }) => `${closeCode} about ${phone} at ${at}`).join();
  return got === wanted ? undefined : `expected close notice ${wanted || 'none'}, got ${got || 'none'}`;
};

/** @returns the problem; undefined if everything was as expected */
export const compareSeen = (seen: Seen, step: Step): string | undefined =>
  seen.faults[0] ??
  compareCloses(closesOf(step.expected, step.before, step.dialled), seen.closes) ??
  compareAdmissions(seen.admitted, step) ??
  compareProbes(seen.probed, step) ??
  compareNotices(seen.notices, step);

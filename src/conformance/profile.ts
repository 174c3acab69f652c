/** What each kind of relay is expected to do on the paths. The Go profile is the strict one, with the differences in place of its rows. */
import { DIFFERENCES } from './differences/all-differences.ts';
import type { Allowance } from './differences/difference.ts';
import { type Expected, type Limits, ROWS, rowFor } from './expectations.ts';
import type { Edge } from './server-graph.ts';
import type { Situation, WireEvent } from './wire-events.ts';

export const PROFILES = ['strict', 'go'] as const;
export type Profile = (typeof PROFILES)[number];

const GO_ROWS = [...DIFFERENCES.flatMap(({ rows }) => rows ?? []), ...ROWS];
const NO_ALLOWANCES: ReadonlySet<Allowance> = new Set();
const GO_ALLOWANCES: ReadonlySet<Allowance> = new Set(DIFFERENCES.flatMap(({ allows }) => allows ?? []));

/** Whether a profile makes no statement about this step. */
export const isSkipped = (step: Edge, profile: Profile): boolean =>
  profile === 'go' && DIFFERENCES.some(({ leavesOpen }) => leavesOpen?.(step) ?? false);

/** @throws if no row matches: the table is incomplete */
export const expectedOf = (event: WireEvent, at: Situation, limits: Limits, profile: Profile): Expected =>
  rowFor(profile === 'go' ? GO_ROWS : ROWS, event, at, limits).expected;

export const allowancesOf = (profile: Profile): ReadonlySet<Allowance> =>
  profile === 'go' ? GO_ALLOWANCES : NO_ALLOWANCES;

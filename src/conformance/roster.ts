/** The peers expected to be connected to a server-id, by role. Derived from expectations, for comparison with a target. */
import { visibleText } from '../protocol/visible-text.ts';
import type { Expected, ExpectedClose, Who } from './expectations.ts';

export interface Roster<P> {
  readonly holder: P | undefined;
  /** Oldest first. */
  readonly phones: readonly P[];
  /** Claimants, first in line first. */
  readonly line: readonly P[];
}

export const EMPTY: Roster<never> = { holder: undefined, phones: [], line: [] };

const meant = <P>(roster: Roster<P>, who: Who, dialler: P | undefined): readonly (P | undefined)[] => {
  switch (who) {
    case 'dialler':
      return [dialler];
    case 'holder':
      return [roster.holder];
    case 'oldest phone':
      return [roster.phones[0]];
    case 'phones':
      return roster.phones;
    case 'first in line':
      return [roster.line[0]];
    case 'rest of line':
      return roster.line.slice(1);
    case 'line':
      return roster.line;
  }
};

/** The peers that must be closed, each with its close. */
export const closesOf = <P>(
  expected: Expected,
  roster: Roster<P>,
  dialler: P | undefined,
): ReadonlyMap<P, ExpectedClose> => {
  const closes = new Map<P, ExpectedClose>();
  for (const [who, close] of Object.entries(expected.closes ?? {})) {
    // The keys of `closes` are exactly `Who`.
    for (const peer of meant(roster, who as Who, dialler)) if (peer !== undefined) closes.set(peer, close);
  }
  return closes;
};

/** The roster after a step. @param gone peers that were closed in it or left by themselves */
export const after = <P>(
  roster: Roster<P>,
  expected: Expected,
  gone: ReadonlySet<P>,
  dialled: { readonly peer: P; readonly role: 'binary' | 'phone' } | undefined,
): Roster<P> => {
  const stays = (peer: P): boolean => !gone.has(peer);
  const isIn = dialled !== undefined && stays(dialled.peer);
  const phones = roster.phones.filter(stays);
  const line = roster.line.filter(stays);
  const holder = roster.holder !== undefined && stays(roster.holder) ? roster.holder : undefined;
  if (expected.newHolder === 'dialler') return { holder: dialled?.peer, phones, line };
  if (expected.newHolder === 'first in line') return { holder: line[0], phones, line: line.slice(1) };
  if (!isIn) return { holder, phones, line };
  return dialled.role === 'phone'
    ? { holder, phones: [...phones, dialled.peer], line }
    : { holder, phones, line: [...line, dialled.peer] };
};

export const describeClose = ({ code, reason }: ExpectedClose): string =>
  reason === null || reason === '' ? String(code) : `${code} "${visibleText(reason)}"`;

/** As `describeClose`, where it differs from `wanted`. */
export const describeGot = (wanted: ExpectedClose, got: ExpectedClose): string =>
  got.code === wanted.code && got.reason === '' ? `${got.code} without a reason` : describeClose(got);

export const isSameClose = (expected: ExpectedClose, actual: ExpectedClose): boolean =>
  expected.code === actual.code && (expected.reason === null || expected.reason === actual.reason);

/** What can happen on the wire to one server-id: a closed set, each something a driver can really do. */

export const WIRE_EVENTS = [
  'claim',
  'register',
  'phone leaves',
  'phone drops',
  'phone sends',
  'dismiss',
  'dismiss illegally',
  'holder leaves',
  'holder drops',
  'holder answers',
  'holder is silent',
  'first in line leaves',
  'last in line leaves',
  'grace passes',
  'time passes',
  'drain',
] as const;

export type WireEvent = (typeof WIRE_EVENTS)[number];

/** Events in which a timer of the target runs out. */
export const TIMED_EVENTS: ReadonlySet<WireEvent> = new Set([
  'holder is silent',
  'grace passes',
  'time passes',
]);

/** Where one server-id stands, as far as the wire can tell. Phones and claimants are interchangeable: counts suffice. */
export interface Situation {
  readonly slot: 'unclaimed' | 'live' | 'probing' | 'grace' | 'released';
  readonly phones: number;
  readonly line: number;
}

export const describeSituation = ({ slot, phones, line }: Situation): string => {
  const registered = `${phones} ${phones === 1 ? 'phone' : 'phones'}`;
  return line > 0 ? `${slot}, ${registered}, ${line} in line` : `${slot}, ${registered}`;
};

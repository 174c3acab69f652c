/** Events of one server-id on the wire. A closed set; a driver can perform each of them. */

export const WIRE_EVENTS = [
  'claim',
  'register',
  'phone leaves',
  'phone drops',
  'phone sends',
  'phone sends bad JSON',
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

export const isWireEvent = (name: string): name is WireEvent => WIRE_EVENTS.some((event) => event === name);

/** Events that wait for a timer of the target to expire. */
export const TIMED_EVENTS: ReadonlySet<WireEvent> = new Set([
  'holder is silent',
  'grace passes',
  'time passes',
]);

/** State of one server-id as visible on the wire. Phones and claimants are interchangeable, so counts suffice. */
export interface Situation {
  readonly slot: 'unclaimed' | 'live' | 'probing' | 'grace' | 'released';
  readonly phones: number;
  readonly line: number;
}

export const describeSituation = ({ slot, phones, line }: Situation): string => {
  const registered = `${phones} ${phones === 1 ? 'phone' : 'phones'}`;
  return line > 0 ? `${slot}, ${registered}, ${line} in line` : `${slot}, ${registered}`;
};

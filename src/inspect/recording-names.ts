/** Names for ids in a recording. By default no id leaves the relay, because a known server-id can be squatted. */
import type { RecordedEvent, RecordedState } from './recorded-state.ts';

export interface Names {
  readonly server: (serverId: string) => string;
  readonly binary: (connId: string) => string;
  readonly phone: (connId: string) => string;
}

const asItIs = (id: string): string => id;

export const ownNames: Names = { server: asItIs, binary: asItIs, phone: asItIs };

const numbered = (prefix: string) => {
  const names = new Map<string, string>();
  return (id: string): string => {
    const known = names.get(id);
    if (known !== undefined) return known;
    const name = `${prefix}${names.size + 1}`;
    names.set(id, name);
    return name;
  };
};

/** Numbers ids in order of first use: S1, B1, P1 and so on. The same id always gets the same name. */
export const numberedNames = (): Names => ({
  server: numbered('S'),
  binary: numbered('B'),
  phone: numbered('P'),
});

export const nameState = (
  { binaryId, phones, claimants, ...rest }: RecordedState,
  names: Names,
): RecordedState => ({
  ...rest,
  binaryId: binaryId === null ? null : names.binary(binaryId),
  phones: phones.map(names.phone),
  claimants: claimants.map(names.binary),
});

export const nameEvent = (
  { type, connId, binaryId, closeCode, isTooLong }: RecordedEvent,
  names: Names,
): RecordedEvent => ({
  type,
  connId: connId && (type.startsWith('binary.') ? names.binary(connId) : names.phone(connId)),
  binaryId: binaryId && names.binary(binaryId),
  closeCode,
  isTooLong,
});

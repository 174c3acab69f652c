/** What the process may do beyond what it needs: root, and Linux capabilities (spec section 7, capabilities(7)). */

/** In the order of their bits. */
const CAPABILITIES =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
    ' ',
  );
/** For ports below 1024. */
const ALLOWED = 'NET_BIND_SERVICE';
const EFFECTIVE = 'CapEff:';
const BITS = 64;
/** Root has about forty, a container fourteen. What to do about them is the same. */
const MAX_NAMED = 8;

/**
 * The capabilities in effect beyond NET_BIND_SERVICE, by name.
 * @param status the text of `/proc/self/status`
 * @returns undefined if the text does not say
 */
export const excessCapabilities = (status: string): readonly string[] | undefined => {
  const hex = status
    .split('\n')
    .find((line) => line.startsWith(EFFECTIVE))
    ?.slice(EFFECTIVE.length)
    .trim();
  if (hex === undefined || !/^[0-9a-f]{1,16}$/.test(hex)) return undefined;
  const effective = BigInt(`0x${hex}`);
  return Array.from({ length: BITS }, (_, bit) => bit)
    .filter((bit) => ((effective >> BigInt(bit)) & 1n) === 1n)
    .map((bit) => CAPABILITIES[bit] ?? `bit ${bit}`)
    .filter((name) => name !== ALLOWED);
};

const listed = (names: readonly string[]): string =>
  names.length <= MAX_NAMED
    ? names.join(', ')
    : `${names.slice(0, MAX_NAMED).join(', ')} and ${names.length - MAX_NAMED} more`;

export interface PrivilegeFacts {
  /** Undefined where the system has no such ids. */
  readonly effectiveUid: number | undefined;
  /** The text of `/proc/self/status`: empty if it cannot be read, undefined on another system than Linux. */
  readonly processStatus: string | undefined;
}

/** Each is one line that says what is too much and what to do. Empty if the process has no more than it needs. */
export const excessPrivileges = ({ effectiveUid, processStatus }: PrivilegeFacts): readonly string[] => {
  const found: string[] = [];
  if (effectiveUid === 0) found.push('root (effective uid 0): run as a user of its own');
  if (processStatus === undefined) return found;
  const excess = excessCapabilities(processStatus);
  if (excess === undefined) found.push('unknown capabilities: /proc/self/status does not say');
  else if (excess.length > 0) {
    found.push(`capabilities ${listed(excess)}: drop all but ${ALLOWED}, which ports below 1024 need`);
  }
  return found;
};

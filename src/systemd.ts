/**
 * Tells systemd how it goes, if it has started us with `Type=notify` (sd_notify(3)). Node has no datagram sockets with a name in
 * the file system, so systemd's own `systemd-notify` sends the messages; the unit must allow it with `NotifyAccess=all`.
 */
import { type ChildProcess, spawn } from 'node:child_process';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Twice in the time in which systemd expects a sign, as sd_watchdog_enabled(3) recommends. */
const SIGNS_PER_PERIOD = 2;
const US_PER_MS = 1_000;

export class Systemd {
  readonly #signIntervalMs: number | undefined;
  readonly #failed: (err: string) => void;
  #sign: ChildProcess | undefined;
  #hasFailed = false;

  private constructor(signIntervalMs: number | undefined, failed: (err: string) => void) {
    this.#signIntervalMs = signIntervalMs;
    this.#failed = failed;
  }

  /**
   * @param failed is told once that the messages cannot be sent
   * @returns undefined if nobody listens to them
   */
  static of(env: Environment, failed: (err: string) => void): Systemd | undefined {
    if ((env['NOTIFY_SOCKET'] ?? '') === '') return undefined;
    const periodMs = Number(env['WATCHDOG_USEC'] ?? 0) / US_PER_MS;
    // The variables are inherited: they may be for the process that has started this one.
    const isOurs = env['WATCHDOG_PID'] === undefined || env['WATCHDOG_PID'] === String(process.pid);
    const isWatched = isOurs && Number.isFinite(periodMs) && periodMs >= SIGNS_PER_PERIOD;
    return new Systemd(isWatched ? periodMs / SIGNS_PER_PERIOD : undefined, failed);
  }

  /** Units that wait for this one start now. From here on, a sign of life is due again and again. */
  ready(status: string): void {
    this.#send(['READY=1', `STATUS=${status}`]);
    if (this.#signIntervalMs === undefined) return;
    setInterval(() => {
      // A system that cannot run the last one must not gather others.
      if (this.#sign === undefined) this.#sign = this.#send(['WATCHDOG=1']);
    }, this.#signIntervalMs).unref();
  }

  /**
   * Signs go on: a drain that hangs must end too.
   * @param withinMs systemd waits so long, even if the unit's `TimeoutStopSec` is shorter: it would kill a drain that is on time
   */
  stopping(withinMs: number): void {
    this.#send(['STOPPING=1', 'STATUS=draining', `EXTEND_TIMEOUT_USEC=${Math.ceil(withinMs * US_PER_MS)}`]);
  }

  #send(args: readonly string[]): ChildProcess {
    const child = spawn('systemd-notify', args, { stdio: 'ignore' });
    child.on('error', ({ message }) => {
      if (child === this.#sign) this.#sign = undefined;
      this.#report(message);
    });
    child.on('exit', (code) => code !== 0 && this.#report(`systemd-notify exited with ${code}`));
    child.on('close', () => {
      if (child === this.#sign) this.#sign = undefined;
    });
    child.unref();
    return child;
  }

  #report(err: string): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#failed(err);
  }
}

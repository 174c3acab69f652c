/**
 * Connections that are being closed, by server-id, oldest first. They outlive their server actor, and a server-id that is
 * claimed again must get no new allowance: so the directory keeps this list, and not the server chart.
 */
export class ClosingConnections {
  readonly #most: number;
  /** Conn ids by server-id. Server-ids without any are removed. */
  readonly #byServer = new Map<string, Set<string>>();

  /** @param most bound for each server-id, at least 1 */
  constructor(most: number) {
    this.#most = most;
  }

  /** @returns the oldest of this server-id if there are too many now; it is taken off the list, to be cut */
  add(serverId: string, connId: string): string | undefined {
    const closing = this.#byServer.get(serverId) ?? new Set();
    this.#byServer.set(serverId, closing);
    closing.add(connId);
    if (closing.size <= this.#most) return undefined;
    const [oldest] = closing;
    if (oldest !== undefined) closing.delete(oldest);
    return oldest;
  }

  /** Has ended. Harmless if it is not on the list. */
  delete(serverId: string, connId: string): void {
    const closing = this.#byServer.get(serverId);
    closing?.delete(connId);
    if (closing?.size === 0) this.#byServer.delete(serverId);
  }

  clear(): void {
    this.#byServer.clear();
  }
}

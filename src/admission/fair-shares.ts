/**
 * Who goes first where several share one rate: the one that has used least. Like start-time fair queueing (Goyal et al. 1996), but bytes
 * are counted once they have been read.
 */

export class FairShares<Member extends object> {
  readonly #leadBytes: number;
  /** Bytes of each so far. Who was idle is not given more than the lead for it. */
  readonly #used = new WeakMap<Member, number>();
  /** What the one that was served last had used by then. */
  #level = 0;

  /** @param leadBytes what one that has used little may use before it must wait like the others */
  constructor(leadBytes: number) {
    this.#leadBytes = leadBytes;
  }

  take(member: Member, bytes: number): void {
    this.#used.set(member, this.#usedBy(member) + bytes);
  }

  /** Whether it has used more than those that had their turn. */
  isAhead(member: Member): boolean {
    return this.#usedBy(member) > this.#level;
  }

  /** Removes the one that has used least, and of those the one that came first. */
  serve<Waiting extends { readonly member: Member }>(waiting: Waiting[]): Waiting | undefined {
    let least = 0;
    for (const [i, { member }] of waiting.entries()) {
      const first = waiting[least];
      if (first !== undefined && this.#usedBy(member) < this.#usedBy(first.member)) least = i;
    }
    const [served] = waiting.splice(least, 1);
    if (served !== undefined) this.#level = Math.max(this.#level, this.#usedBy(served.member));
    return served;
  }

  #usedBy(member: Member): number {
    return Math.max(this.#used.get(member) ?? 0, this.#level - this.#leadBytes);
  }
}

/** Members in groups. Says whose turn it is to go when there are too many: the oldest of the group that has most. */

export class FullestGroup<T> {
  readonly #groupOf = new Map<T, string>();
  /** The members of each group, oldest first. */
  readonly #members = new Map<string, Set<T>>();
  /** The groups of each size. So the fullest is found without a search. */
  readonly #groups = new Map<number, Set<string>>();
  #mostMembers = 0;

  get size(): number {
    return this.#groupOf.size;
  }

  /** @param member one that is not in a group yet */
  add(group: string, member: T): void {
    this.#groupOf.set(member, group);
    const members = this.#members.get(group) ?? new Set();
    this.#members.set(group, members);
    members.add(member);
    this.#move(group, members.size - 1, members.size);
  }

  /** Harmless if it is in no group. */
  remove(member: T): void {
    const group = this.#groupOf.get(member);
    const members = group === undefined ? undefined : this.#members.get(group);
    if (group === undefined || members === undefined) return;
    this.#groupOf.delete(member);
    members.delete(member);
    if (members.size === 0) this.#members.delete(group);
    this.#move(group, members.size + 1, members.size);
  }

  /** Undefined if there are none. Of groups that are equally full, the one that has been so for longest. */
  oldestOfFullest(): T | undefined {
    const [group] = this.#groups.get(this.#mostMembers) ?? [];
    const [oldest] = group === undefined ? [] : (this.#members.get(group) ?? []);
    return oldest;
  }

  #move(group: string, from: number, to: number): void {
    const old = this.#groups.get(from);
    old?.delete(group);
    if (old?.size === 0) this.#groups.delete(from);
    if (to > 0) {
      const next = this.#groups.get(to) ?? new Set();
      this.#groups.set(to, next);
      next.add(group);
    }
    if (to > this.#mostMembers) this.#mostMembers = to;
    // A size changes by one, so the next smaller one is never far.
    while (this.#mostMembers > 0 && !this.#groups.has(this.#mostMembers)) this.#mostMembers--;
  }
}

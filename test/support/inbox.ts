/** A queue of arrivals, which can be awaited one by one. */
export class Inbox<T> {
  readonly #arrived: T[] = [];
  readonly #waiting: ((item: T) => void)[] = [];
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  push(item: T): void {
    const waiter = this.#waiting.shift();
    if (waiter === undefined) this.#arrived.push(item);
    else waiter(item);
  }

  /** Number of items not taken yet. */
  get size(): number {
    return this.#arrived.length;
  }

  /** Takes all items. */
  drain(): T[] {
    return this.#arrived.splice(0);
  }

  async next(timeoutMs = 60_000): Promise<T> {
    const item = this.#arrived.shift();
    if (item !== undefined) return item;
    return await new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1);
        reject(new Error(`nothing arrived at ${this.#name} within ${timeoutMs} ms`));
      }, timeoutMs);
      const take = (arrived: T): void => {
        clearTimeout(timer);
        resolve(arrived);
      };
      this.#waiting.push(take);
    });
  }

  async take(count: number, timeoutMs?: number): Promise<T[]> {
    const items: T[] = [];
    while (items.length < count) items.push(await this.next(timeoutMs));
    return items;
  }
}

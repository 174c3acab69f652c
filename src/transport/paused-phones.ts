/** The phones whose reading is paused until the queue of their binary is short again. */
const NOBODY: ReadonlySet<never> = new Set();

export class PausedPhones<Phone> {
  /** Made for the first: most binaries never have one. */
  #phones: Set<Phone> | undefined;

  get isEmpty(): boolean {
    return this.#phones === undefined || this.#phones.size === 0;
  }

  add(phone: Phone): void {
    this.#phones ??= new Set();
    this.#phones.add(phone);
  }

  remove(phone: Phone): void {
    this.#phones?.delete(phone);
  }

  /** @returns those that were paused; none is from now on */
  take(): ReadonlySet<Phone> {
    const phones: ReadonlySet<Phone> = this.#phones ?? NOBODY;
    this.#phones = undefined;
    return phones;
  }
}

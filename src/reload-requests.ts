/** Requests for a reload, one at a time. */

/**
 * A request that comes while a reload runs is served after it, because a file may have changed since it was read; more of them then
 * are the same request. What is asked for before `begin` waits for it.
 */
export class ReloadRequests {
  readonly #reload: () => Promise<void>;
  #isAsked = false;
  #isBusy = true;

  /** @param reload does not throw */
  constructor(reload: () => Promise<void>) {
    this.#reload = reload;
  }

  ask(): void {
    this.#isAsked = true;
    void this.#serve();
  }

  /** The relay serves: it can be reloaded from here on. */
  begin(): void {
    this.#isBusy = false;
    void this.#serve();
  }

  async #serve(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    while (this.#isAsked) {
      this.#isAsked = false;
      await this.#reload();
    }
    this.#isBusy = false;
  }
}

/** Starts a load generator and sends it requests. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { keep } from '../measure/children.js';
import { keepOffMeasuredCore, yieldToOthers } from '../measure/pinning.js';

const path = new URL('./generator.js', import.meta.url).pathname;

export class Generator {
  #process = keep(fork(path, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));

  /**
   * @param {string} action one of those in generator.js
   * @param {object} request
   * @returns {Promise<any>} the result of the action, serialised as JSON
   * @throws if the action failed or the process ended
   */
  async ask(action, request = {}) {
    this.#process.send({ action, request });
    const ended = new AbortController();
    const [answer] = await Promise.race([
      once(this.#process, 'message', { signal: ended.signal }),
      once(this.#process, 'exit', { signal: ended.signal }).then(() => [
        { error: 'the load generator ended' },
      ]),
    ]);
    ended.abort();
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.result;
  }

  /** @param {{ isPatient?: boolean }} [options] patient: runs at the lowest priority */
  constructor({ isPatient = false } = {}) {
    const { pid } = this.#process;
    if (pid === undefined) throw new Error('the load generator does not start');
    keepOffMeasuredCore(pid);
    if (isPatient) yieldToOthers(pid);
  }

  stop() {
    if (this.#process.connected) this.#process.disconnect();
  }
}

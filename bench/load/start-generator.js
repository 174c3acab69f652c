/** Starts a load generator and sends it requests. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { keep } from '../measure/children.js';
import { goBeforeOthers, keepOffMeasuredCore, yieldToOthers } from '../measure/pinning.js';

const pathOf = (/** @type {string} */ script) => new URL(script, import.meta.url).pathname;

export class Generator {
  #process;
  #isUrgent = false;

  /** Whether it runs at the highest priority: false if that was not asked for, or is not permitted. */
  get isUrgent() {
    return this.#isUrgent;
  }

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

  /**
   * @param {object} [options]
   * @param {boolean} [options.isPatient] runs at the lowest priority
   * @param {boolean} [options.isUrgent] runs at the highest priority, if that is permitted
   * @param {boolean} [options.isPinned] to the other cores than the measured one
   * @param {'./generator.js' | './ws-generator.js'} [options.script]
   */
  constructor({ isPatient = false, isUrgent = false, isPinned = true, script = './generator.js' } = {}) {
    this.#process = keep(fork(pathOf(script), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
    const { pid } = this.#process;
    if (pid === undefined) throw new Error('the load generator does not start');
    if (isPinned) keepOffMeasuredCore(pid);
    if (isPatient) yieldToOthers(pid);
    if (isUrgent) this.#isUrgent = goBeforeOthers(pid);
  }

  stop() {
    if (this.#process.connected) this.#process.disconnect();
  }
}

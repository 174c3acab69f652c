/** Performs the requests of a load generator, one at a time, and answers over the IPC channel. */

/** @param {Readonly<Record<string, (request: any) => Promise<unknown>>>} actions */
export const serveRequests = (actions) => {
  const answer = async (/** @type {{ action: string, request: any }} */ { action, request }) => {
    try {
      process.send?.({ result: await actions[action]?.(request) });
    } catch (error) {
      process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  };
  process.on('message', (/** @type {Parameters<typeof answer>[0]} */ message) => void answer(message));
  process.on('disconnect', () => process.exit(0));
};

/** Prints lines as fast as they are read: what waits to be printed is bounded. */

/** Resolves when stdout takes more, or takes nothing any more. */
const hasRoom = async (): Promise<void> => {
  await new Promise<void>((resolve) => {
    const go = (): void => {
      for (const event of EVENTS) process.stdout.off(event, go);
      resolve();
    };
    for (const event of EVENTS) process.stdout.on(event, go);
  });
};

const EVENTS = ['drain', 'close', 'error'] as const;

export const print = async (...lines: readonly string[]): Promise<void> => {
  if (lines.length === 0) return;
  process.stdout.write(`${lines.join('\n')}\n`);
  if (process.stdout.writableNeedDrain) await hasRoom();
};

/** The same page shows a relay that runs, or a recording of one. */
const isReplay = document.body.dataset['mode'] === 'replay';
export const page = await (isReplay ? import('./replay-page.ts') : import('./main.ts'));

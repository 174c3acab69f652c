/** Entry point of the page, which shows either a running relay or a recording. */
const isReplay = document.body.dataset['mode'] === 'replay';
export const page = await (isReplay ? import('./replay-page.ts') : import('./main.ts'));

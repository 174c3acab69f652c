/** `npm run build` puts the version of package.json in here; run from source, it stays what it is. */
export const VERSION: string = 'dev';

/** The page's files, read once: built scripts and styles, the charts, and the page about it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ['html', 'text/html; charset=utf-8'],
  ['js', 'text/javascript; charset=utf-8'],
  ['css', 'text/css; charset=utf-8'],
  ['svg', 'image/svg+xml'],
  ['json', 'application/json; charset=utf-8'],
  ['txt', 'text/plain; charset=utf-8'],
]);

/** Scripts that the page shares with the relay. They lie in the build as their paths say. */
const SHARED_SCRIPTS = ['/protocol/visible-text.js'];

const readFolder = (folder: URL, prefix: string, into: Map<string, PageFile>): void => {
  for (const name of readdirSync(folder)) {
    const type = TYPES.get(name.slice(name.lastIndexOf('.') + 1));
    if (type !== undefined) into.set(`${prefix}${name}`, { type, body: readFileSync(new URL(name, folder)) });
  }
};

const STYLE = /<style[^>]*>([\s\S]*?)<\/style>/g;

/**
 * Moves the `<style>` of each chart SVG into one style sheet, because the page's Content-Security-Policy forbids inline
 * styles.
 */
const separateStyles = (files: Map<string, PageFile>): void => {
  const styles = new Set<string>();
  for (const [path, { type, body }] of files) {
    if (!path.startsWith('/charts/') || !path.endsWith('.svg')) continue;
    const svg = body.toString();
    for (const [, style = ''] of svg.matchAll(STYLE)) styles.add(style.replace(/<!\[CDATA\[|\]\]>/g, ''));
    files.set(path, { type, body: Buffer.from(svg.replace(STYLE, '')) });
  }
  const css = TYPES.get('css') ?? '';
  files.set('/charts.css', { type: css, body: Buffer.from([...styles].join('\n')) });
};

/** Where the build has put the page. From source, that is in the `dist` beside `src`; in a program that bundles us, nowhere. */
const pageFolder = (): URL | undefined => {
  const here: unknown = import.meta.url;
  if (typeof here !== 'string') return undefined;
  const folder = new URL(here.endsWith('.ts') ? '../../dist/inspect/page/' : './page/', here);
  return existsSync(new URL('index.html', folder)) ? folder : undefined;
};

/** Files by URL path. Empty if the page is not beside the program: that costs nothing but the page. */
export const readPageFiles = (): ReadonlyMap<string, PageFile> => {
  const files = new Map<string, PageFile>();
  const folder = pageFolder();
  if (folder === undefined) return files;
  const charts = new URL('charts/', folder);
  readFolder(folder, '/', files);
  if (existsSync(charts)) readFolder(charts, '/charts/', files);
  for (const name of SHARED_SCRIPTS) {
    const script = new URL(`../..${name}`, folder);
    files.set(name, { type: TYPES.get('js') ?? '', body: readFileSync(script) });
  }
  separateStyles(files);
  const index = files.get('/index.html');
  if (index !== undefined) files.set('/', index);
  return files;
};

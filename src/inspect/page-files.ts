/** The page's own files, read once: the script and style beside this module, the pictures of the charts from diagrams/. */
import { readdirSync, readFileSync } from 'node:fs';

export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ['html', 'text/html; charset=utf-8'],
  ['js', 'text/javascript; charset=utf-8'],
  ['css', 'text/css; charset=utf-8'],
  ['svg', 'image/svg+xml'],
]);

const readFolder = (folder: URL, prefix: string, into: Map<string, PageFile>): void => {
  for (const name of readdirSync(folder)) {
    const type = TYPES.get(name.slice(name.lastIndexOf('.') + 1));
    if (type !== undefined) into.set(`${prefix}${name}`, { type, body: readFileSync(new URL(name, folder)) });
  }
};

const STYLE = /<style[^>]*>([\s\S]*?)<\/style>/g;

/**
 * The pictures carry their colours in a style of their own, which this page's policy does not admit inside a document. It
 * is served as a style sheet instead.
 */
const separateStyles = (files: Map<string, PageFile>): void => {
  const styles = new Set<string>();
  for (const [path, { type, body }] of files) {
    if (!path.startsWith('/charts/')) continue;
    const svg = body.toString();
    for (const [, style = ''] of svg.matchAll(STYLE)) styles.add(style.replace(/<!\[CDATA\[|\]\]>/g, ''));
    files.set(path, { type, body: Buffer.from(svg.replace(STYLE, '')) });
  }
  const css = TYPES.get('css') ?? '';
  files.set('/charts.css', { type: css, body: Buffer.from([...styles].join('\n')) });
};

/** By path. */
export const readPageFiles = (): ReadonlyMap<string, PageFile> => {
  const files = new Map<string, PageFile>();
  // Beside this module once built; the script is built from src/inspect/page.
  const dist = new URL('../../dist/inspect/page/', import.meta.url);
  readFolder(dist, '/', files);
  readFolder(new URL('../../diagrams/', import.meta.url), '/charts/', files);
  separateStyles(files);
  const index = files.get('/index.html');
  if (index !== undefined) files.set('/', index);
  return files;
};

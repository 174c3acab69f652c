/** The page's files, read once: built scripts and styles, and the chart SVGs from diagrams/. */
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
 * Moves the `<style>` of each chart SVG into one style sheet, because the page's Content-Security-Policy forbids inline
 * styles.
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

/** Files by URL path. */
export const readPageFiles = (): ReadonlyMap<string, PageFile> => {
  const files = new Map<string, PageFile>();
  // The build puts the page there. This module runs from src or from dist, which lie side by side.
  readFolder(new URL('../../dist/inspect/page/', import.meta.url), '/', files);
  readFolder(new URL('../../diagrams/', import.meta.url), '/charts/', files);
  separateStyles(files);
  const index = files.get('/index.html');
  if (index !== undefined) files.set('/', index);
  return files;
};

/** Every relative link in our documents leads somewhere, and what docs/patterns.md says is where and what it says. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { coverPaths } from '../src/conformance/covers.ts';
import { modelGraph } from '../src/conformance/model.ts';
import { DEFAULT_MAX_PHONES } from '../src/protocol/limits.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const markdownIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...markdownIn('docs')];

/** As GitHub makes them of headings, and those that are written out. */
const anchorsOf = (path: string): Set<string> => {
  const text = read(path);
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
  return new Set([...headings, ...[...text.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id)]);
};

test.each(DOCUMENTS)('%s has no dead link', (path) => {
  const text = read(path).replaceAll(/^```[\s\S]*?^```/gm, '');
  const links = [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)].map(([, a, b]) => a ?? b ?? '');
  const dead = links
    .filter((link) => !/^(?:https?|mailto):/.test(link))
    .filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : join(dirname(path), file);
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor);
    });
  expect(dead).toEqual([]);
});

describe('docs/patterns.md', () => {
  const text = read('docs/patterns.md');
  const sections = text.split(/^## /m).slice(1);

  test('has the measurement behind each pattern, and files that exist', () => {
    expect(sections.length).toBe(12);
    for (const section of sections) {
      const [title = ''] = section.split('\n');
      expect([title, section.match(/^- \*\*Measured:\*\*/gm)?.length]).toEqual([title, 1]);
      const [, where = ''] = /^- \*\*Where:\*\*([\s\S]*)/m.exec(section) ?? [];
      const files = [...where.matchAll(/`([\w./-]+\.\w+)`/g)].map(([, file = '']) => file);
      expect(files.length).toBeGreaterThan(0);
      expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
    }
  });

  test('quotes the figures of performance.md as they were measured last', () => {
    const measured = read('docs/performance.md');
    const quoted = ['21.8', '31.1', '19.1', '10.6', '4.05', '10.4', '19.3', '2.57', '2.62'];
    for (const figure of quoted) {
      expect([figure, text.includes(figure), measured.includes(` ${figure} `)]).toEqual([figure, true, true]);
    }
  });

  test('counts the paths as they are', () => {
    const graph = modelGraph(DEFAULT_MAX_PHONES);
    expect(text).toContain(`${graph.length} edges: ${coverPaths(graph, 'edge').length} paths by edges`);
    expect(text).toContain(`${coverPaths(graph, 'pairs').length.toLocaleString('en')} by pairs`);
  });
});

/**
 * The steps of deploy/Dockerfile without Docker: the build stage in a folder, the last stage as the root folder of a `chroot`, which has
 * the program, Node with its libraries, and nothing else. The base images are not looked at.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const CHECKOUT = new URL('../../', import.meta.url).pathname;
/** Where the base image of the last stage has Node. */
const NODE = '/nodejs/bin/node';

export interface Image {
  /** The root folder. */
  readonly root: string;
  readonly entrypoint: readonly string[];
  readonly healthcheck: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly dispose: () => void;
}

const jsonAfter = (text: string, word: string): string[] => {
  const [, list = '[]'] = new RegExp(`${word} (\\[.*\\])`).exec(text) ?? [];
  const parsed: unknown = JSON.parse(list);
  return Array.isArray(parsed) ? parsed.map(String) : [];
};

/** What the build is given: the lines of .dockerignore that begin with `!`. */
const contextFiles = (): string[] =>
  [...readFileSync(join(CHECKOUT, '.dockerignore'), 'utf8').matchAll(/^!(.+)$/gm)].map(
    ([, name = '']) => name,
  );

const librariesOf = (program: string): string[] =>
  [...execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g)].map(
    ([, path = '']) => path,
  );

/** @param source the absolute path outside, `to` the one in the image */
const install = (root: string, source: string, to: string): void => {
  mkdirSync(dirname(join(root, to)), { recursive: true });
  cpSync(realpathSync(source), join(root, to), { recursive: true });
};

/** Needs npm's registry, `ldd`, and the rights of root. */
export const buildImage = (): Image => {
  const work = mkdtempSync(join(tmpdir(), 'relay-image-'));
  const [build, root] = [join(work, 'src'), join(work, 'root')];
  const [first = '', last = ''] = readFileSync(join(CHECKOUT, 'deploy/Dockerfile'), 'utf8')
    .split(/^FROM .*$/m)
    .slice(1);
  for (const name of contextFiles()) cpSync(join(CHECKOUT, name), join(build, name), { recursive: true });
  for (const [, step = ''] of first.matchAll(/^RUN (.+)$/gm)) {
    // The only absolute path of the stage.
    const command = step.replaceAll('/certs', join(work, 'certs'));
    execFileSync('sh', ['-c', command], { cwd: build, stdio: 'pipe' });
  }
  for (const [, from = '', to = ''] of last.matchAll(/^COPY --from=build (?:--chown=\S+ )?(\S+) (\S+)$/gm)) {
    const source = from === '/certs' ? join(work, 'certs') : from.replace('/src', build);
    const target = to.endsWith('/') ? join(to, from.slice(from.lastIndexOf('/') + 1)) : to;
    mkdirSync(dirname(join(root, target)), { recursive: true });
    execFileSync('cp', ['--archive', source, join(root, target)]);
  }
  install(root, process.execPath, NODE);
  for (const library of librariesOf(process.execPath)) install(root, library, library);
  return {
    root,
    entrypoint: jsonAfter(last, 'ENTRYPOINT'),
    healthcheck: jsonAfter(last, 'CMD'),
    env: Object.fromEntries(
      [...last.matchAll(/^ENV (\w+)=(\S+)$/gm)].map(([, name = '', value = '']) => [name, value]),
    ),
    dispose: () => rmSync(work, { recursive: true, force: true }),
  };
};

/** The texts of errors in `src`, as they are written there, each placeholder as `…`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';

const SRC = new URL('../../src/', import.meta.url).pathname;

/** What is given the text of an error, as its last argument. */
const SINKS: ReadonlySet<string> = new Set([
  ...['Error', 'ConfigError', 'SettingError', 'RecordingError', 'CacheRefused'],
  ...['wrong', 'failed', 'unusable', 'refuse', 'fault', 'fail'],
]);
/** Files of which the texts of one property are ends of errors. */
const PROPERTIES: Readonly<Record<string, string>> = {
  'config/flag-combinations.ts': 'because',
  'push/fcm-credentials.ts': 'err',
  'transport/bounded-file.ts': 'err',
};
/** Files of which all texts that are returned, pushed or in pairs are errors, or ends of them. */
const ALL_TEXTS: ReadonlySet<string> = new Set([
  'admission/binary-tokens.ts',
  'boot/listener-rules.ts',
  'boot/privileges.ts',
  'listen-error.ts',
  'main.ts',
  'transport/file-error.ts',
]);
/** Where errors are bugs, or faults of a peer: they end in the log, not on stderr. */
const ELSEWHERE = [
  /^machines\//,
  /^transport\/(?!bounded-file|certificate-pair|file-error|acme\/cache-folder)/,
  /^observe\//,
  /^inspect\/page\//,
  /^conformance\/(?:expectations|path-coverage|run-drain)\.ts$/,
  // Of a developer's own tests.
  /^testing\//,
  // Of an embedding program that calls it in the wrong order.
  /^relay\.ts$/,
];

export interface Scan {
  /** File and text. */
  readonly texts: readonly (readonly [file: string, text: string])[];
  /** Arguments that are no text: it was made elsewhere. File and expression. */
  readonly passedOn: readonly string[];
}

type Node = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;
const child = (node: unknown, ...keys: readonly string[]): unknown =>
  keys.reduce<unknown>((at, key) => (isNode(at) ? at[key] : undefined), node);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** `a`, `a.b`, `a()`: enough to know an expression again. */
const shown = (node: unknown): string => {
  switch (child(node, 'type')) {
    case 'MemberExpression':
      return `${shown(child(node, 'object'))}.${text(child(node, 'property', 'value'))}`;
    case 'CallExpression':
      return `${shown(child(node, 'callee'))}()`;
    default:
      return text(child(node, 'value'));
  }
};

/** The texts that an expression can be; empty for one that is no text. */
const textsOf = (node: unknown): readonly string[] => {
  switch (child(node, 'type')) {
    case 'StringLiteral':
      return [text(child(node, 'value'))];
    case 'TemplateLiteral':
      return [
        list(child(node, 'quasis'))
          .map((quasi) => text(child(quasi, 'cooked')))
          .join('…'),
      ];
    case 'ParenthesisExpression':
      return textsOf(child(node, 'expression'));
    case 'ConditionalExpression':
      return [...textsOf(child(node, 'consequent')), ...textsOf(child(node, 'alternate'))];
    case 'BinaryExpression': {
      const [[left], [right]] = [textsOf(child(node, 'left')), textsOf(child(node, 'right'))];
      return left === undefined || right === undefined ? [] : [left + right];
    }
    default:
      return [];
  }
};

const lastArgument = (node: Node): unknown => child(list(node['arguments']).at(-1), 'expression');

/** What a node hands on as the text of an error, if it does. */
const handedOn = (node: Node): unknown => {
  switch (node['type']) {
    case 'NewExpression':
      return SINKS.has(shown(node['callee'])) ? lastArgument(node) : undefined;
    case 'CallExpression': {
      const callee = shown(node['callee']);
      if (callee === 'process.stderr.write') return child(list(node['arguments'])[0], 'expression');
      return SINKS.has(callee) ? lastArgument(node) : undefined;
    }
    default:
      return undefined;
  }
};

/** What may be a text of an error in a file that is full of them. */
const candidate = (file: string, node: Node): unknown => {
  const isFull = ALL_TEXTS.has(file);
  switch (node['type']) {
    case 'KeyValueProperty':
      return shown(node['key']) === PROPERTIES[file] ? node['value'] : undefined;
    case 'ReturnStatement':
      return isFull ? node['argument'] : undefined;
    case 'CallExpression':
      return isFull && shown(node['callee']).endsWith('.push') ? lastArgument(node) : undefined;
    case 'ArrayExpression': {
      const elements = list(node['elements']);
      const isPair =
        elements.length === 2 && elements.every((each) => textsOf(child(each, 'expression')).length === 1);
      return isFull && isPair ? child(elements[1], 'expression') : undefined;
    }
    default:
      return undefined;
  }
};

export const scanErrorTexts = (): Scan => {
  const texts: [string, string][] = [];
  const passedOn: string[] = [];
  const walk = (file: string, node: unknown): void => {
    if (!isNode(node)) return;
    if (!Array.isArray(node)) {
      const handed = handedOn(node);
      const found = [...textsOf(handed), ...textsOf(candidate(file, node))];
      for (const each of found) texts.push([file, each]);
      if (handed !== undefined && found.length === 0) passedOn.push(`${file}: ${shown(handed)}`);
    }
    for (const value of Object.values(node)) walk(file, value);
  };
  for (const file of readdirSync(SRC, { recursive: true }).map(String).toSorted()) {
    if (!file.endsWith('.ts') || ELSEWHERE.some((pattern) => pattern.test(file))) continue;
    walk(
      file,
      parseSync(readFileSync(join(SRC, file), 'utf8'), { syntax: 'typescript', target: 'es2022' }).body,
    );
  }
  return { texts, passedOn };
};

/** JUnit XML. */

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
]);
/** For visible text, as all of it is: XML 1.0 forbids most control characters, even escaped. */
const escapeXml = (text: string): string => text.replaceAll(/[&<>"]/g, (char) => ESCAPES.get(char) ?? char);

/** One test of a suite. */
export interface Case {
  readonly className: string;
  readonly name: string;
  readonly kind: 'passed' | 'failed' | 'skipped';
  /** Of what has not passed. */
  readonly message: string;
}

const toElement = ({ className, name, kind, message }: Case): string => {
  const open = `  <testcase classname="${className}" name="${escapeXml(name)}"`;
  if (kind === 'passed') return `${open}/>`;
  const element = kind === 'failed' ? 'failure' : 'skipped';
  return `${open}><${element} message="${escapeXml(message)}"/></testcase>`;
};

export const toJunitXml = (suite: string, cases: readonly Case[]): string => {
  const count = (kind: Case['kind']): number => cases.filter((one) => one.kind === kind).length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="${suite}" tests="${cases.length}" failures="${count('failed')}" skipped="${count('skipped')}">`,
    ...cases.map(toElement),
    '</testsuite>',
    '',
  ].join('\n');
};

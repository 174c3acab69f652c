/** `--help` and `help TOPIC`. */
import { describe, expect, test } from 'vitest';
import { helpText } from '../../src/config/help.ts';
import { helpOn, helpTopics } from '../../src/config/help-topics.ts';
import { envName } from '../../src/config/read-config.ts';
import { settingNames, settings } from '../../src/config/settings.ts';
import { offeredWays } from '../../src/config/ways-to-listen.ts';

const linesOf = (text: string): string[] => text.trimEnd().split('\n');

const ALL = helpOn('all') ?? '';

describe('--help', () => {
  test('fits a screen of 30 lines and 100 columns', () => {
    const lines = linesOf(helpText());
    expect(lines.length).toBeLessThanOrEqual(30);
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(100);
  });

  test('shows each way to start, the groups, and a variable', () => {
    for (const { example } of offeredWays) expect(helpText()).toContain(`pyrycode-relay ${example}`);
    expect(helpText()).toContain(helpTopics().join(', '));
    expect(helpText()).toContain(envName('max-phones'));
  });

  test('shows flags that there are', () => {
    const shown = [...helpText().matchAll(/^ {2}--([a-z-]+) /gm)].map(([, flag]) => flag);
    expect(shown.length).toBeGreaterThan(5);
    const flags: string[] = settingNames.map((name) => settings[name].flag);
    for (const flag of shown) expect(flags).toContain(flag);
  });
});

describe.each(settingNames)('help on %s', (name) => {
  const { flag, summary, takes, read, check, fallback } = settings[name];

  test('is found by its flag, in its group and in all, and says everything', () => {
    const said = helpOn(flag) ?? '';
    expect(helpOn(`--${flag}`)).toBe(said);
    expect(ALL).toContain(said);
    expect(helpTopics().filter((topic) => helpOn(topic)?.includes(said))).toHaveLength(1);
    const flat = said.replaceAll(/\s+/g, ' ');
    for (const part of [summary, `takes ${takes}`, envName(flag)]) expect(flat).toContain(part);
  });

  test('shows its default as text that the flag takes', () => {
    const [, shown] = /^ {2}--\S+(?: \S+)? \((.*)\)$/m.exec(helpOn(flag) ?? '') ?? [];
    if (shown === undefined) return;
    expect(check(read(shown))).toEqual(fallback);
  });
});

test('no line of any help is longer than 100 columns', () => {
  for (const line of linesOf(ALL)) expect(line.length, line).toBeLessThanOrEqual(100);
});

test.each(['', 'me', '--', 'constructor', 'help'])('there is no help on %j', (topic) => {
  expect(helpOn(topic)).toBeUndefined();
});

import { describe, expect, test } from '@jest/globals';
import { createProgram } from '../../../src/cli/main.js';
import { command } from '../../helpers/command.js';

const { commands } = createProgram();
const names = commands.map((one) => one.name());

describe('help', () => {
  test('groups the commands, and tells exit codes, environment and examples', async () => {
    const { code, stdout, stderr } = await command('--help');
    expect([code, stderr]).toEqual([0, '']);
    const [, ...groups] = stdout.split(/^(?=Your pictures:|Weights:|Experiments:|Machine:)/m);
    const has = (group: string, name: string) => new RegExp(`^  ${name} `, 'm').test(group);
    expect(groups.map((group) => group.split(':')[0])).toEqual(expect.arrayContaining(['Your pictures', 'Machine']));
    for (const name of ['predict', 'evaluate', 'zero-shot']) {
      expect(has(groups[0], name)).toBe(true);
    }
    for (const name of names) {
      expect(groups.some((group) => has(group, name))).toBe(true);
    }
    for (const told of ['Exit codes:', '  130  stopped by Ctrl-C', 'MAPLE_BACKEND', 'Examples:\n  tfjs-maple']) {
      expect(stdout).toContain(told);
    }
  });

  test.each(names)('%s ends with examples of itself', async (name) => {
    const { code, stdout } = await command(name, '--help');
    expect(code).toBe(0);
    const examples = stdout.split(/^Examples?:\n/m)[1];
    expect(examples.trimEnd().split('\n')).toContainEqual(
      expect.stringMatching(new RegExp(`^  tfjs-maple ${name}\\b`)),
    );
    expect(stdout).toContain('-q, --quiet');
  });

  test('the shown examples have options that there are', async () => {
    for (const one of commands) {
      const { stdout } = await command(one.name(), '--help');
      const examples = stdout.split(/^Examples?:\n/m)[1].split('\n');
      const flags = examples
        .filter((line) => line.startsWith(`  tfjs-maple ${one.name()} `))
        .flatMap((line) => [...line.matchAll(/ (--[a-z][a-z-]*)/g)].map(([, flag]) => flag));
      const known = one.options.map(({ long }) => long);
      expect(flags.filter((flag) => !known.includes(flag))).toEqual([]);
    }
  });

  test('a command or an option that is misspelt is answered with the one that is alike', async () => {
    const ofCommand = await command('predct');
    expect([ofCommand.code, ofCommand.stderr]).toEqual([2, expect.stringContaining('(Did you mean predict?)')]);
    const ofOption = await command('predict', 'a', 'b', '--jsn');
    expect([ofOption.code, ofOption.stderr]).toEqual([2, expect.stringContaining('(Did you mean --json?)')]);
  });

  test('nothing that is printed has colours', async () => {
    const { stdout } = await command('--help');
    // eslint-disable-next-line no-control-regex
    expect(stdout).not.toMatch(/\u001b/);
  });

  test('no command at all shows the help and is a mistake', async () => {
    const { code, stderr } = await command();
    expect([code, stderr]).toEqual([2, expect.stringContaining('Usage: tfjs-maple')]);
  });
});

import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import type { Argument, Command, Option } from 'commander';
import { createProgram } from '../../src/cli/main.js';

/**
 * The list of commands in docs/command_line.md is made from the program:
 * `MAPLE_WRITE_DOCS=1 npm test -- test/docs/command_line.test.ts` writes it anew.
 */
const PAGE = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'docs', 'command_line.md');
const [BEGIN, END] = ['<!-- commands: begin -->', '<!-- commands: end -->'];
/** Options that so many commands have are described once. */
const COMMON = 4;

const { commands } = createProgram();

function listOfCommands(): string {
  const counts = new Map<string, { option: Option; count: number }>();
  for (const option of commands.flatMap((command) => command.options)) {
    const key = keyOf(option);
    counts.set(key, { option, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  const common = [...counts.values()].filter(({ count }) => count >= COMMON).map(({ option }) => option);
  const isCommon = (option: Option): boolean => (counts.get(keyOf(option))?.count ?? 0) >= COMMON;
  const groups = [...new Set(commands.map((command) => command.helpGroup()))];
  return [
    '### Options of several commands',
    optionTable(common),
    ...groups.flatMap((group) => [
      `### ${group.replace(/:$/, '')}`,
      ...commands.filter((command) => command.helpGroup() === group).map((command) => ofCommand(command, isCommon)),
    ]),
  ].join('\n\n');
}

function ofCommand(command: Command, isCommon: (option: Option) => boolean): string {
  const also = command.options.filter(isCommon).map(({ long }) => `\`${long}\``);
  const own = command.options.filter((option) => !isCommon(option));
  const named = command.registeredArguments.map((argument) => `- \`${usage(argument)}\`: ${argument.description}`);
  return [
    `#### \`${['tfjs-maple', command.name(), ...command.registeredArguments.map(usage)].join(' ')}\``,
    `${command.description()}.`,
    ...(named.length === 0 ? [] : [named.join('\n')]),
    ...(own.length === 0 ? [] : [optionTable(own)]),
    `Also: ${also.join(', ')}.`,
  ].join('\n\n');
}

function usage(argument: Argument): string {
  const text = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${text}>` : `[${text}]`;
}

function optionTable(options: readonly Option[]): string {
  const rows = options.map((option) => `| \`${option.flags}\` | ${escaped(describeOption(option))} |`);
  return ['| Option | |', '|---|---|', ...rows].join('\n');
}

/** As the help has it, but for defaults that depend on the machine. */
function describeOption({ description, argChoices, defaultValue, flags }: Option): string {
  const choices = argChoices === undefined ? '' : ` (${argChoices.join(', ')})`;
  const value = [defaultValue ?? ''].flat().join(',');
  const shown = value !== '' && typeof defaultValue !== 'boolean' && !flags.startsWith('--jobs');
  return `${description}${choices}${shown ? `. Default: ${value}` : ''}`;
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function keyOf(option: Option): string {
  return JSON.stringify([option.flags, describeOption(option)]);
}

describe('docs/command_line.md', () => {
  test('lists every command and option as the program has them', () => {
    const page = readFileSync(PAGE, 'utf8');
    const [before, rest] = page.split(BEGIN);
    const after = rest.split(END)[1];
    const expected = `${before}${BEGIN}\n\n<!-- prettier-ignore-start -->\n${listOfCommands()}\n<!-- prettier-ignore-end -->\n\n${END}${after}`;
    if (process.env.MAPLE_WRITE_DOCS === '1') {
      writeFileSync(PAGE, expected);
    }
    expect(readFileSync(PAGE, 'utf8')).toBe(expected);
  });

  test('speaks of every command in an example, and of no option that there is not', () => {
    const page = readFileSync(PAGE, 'utf8').split(BEGIN)[0];
    for (const command of commands) {
      expect(page).toMatch(new RegExp(`^tfjs-maple ${command.name()}\\b`, 'm'));
    }
    const known = new Set([
      ...commands.flatMap(({ options }) => options.map(({ long }) => long)),
      '--help',
      '--version',
    ]);
    const spoken = [...page.matchAll(/(?<![\w-])--[a-z][a-z-]+/g)].map(([flag]) => flag);
    expect(spoken.filter((flag) => !known.has(flag))).toEqual([]);
  });
});

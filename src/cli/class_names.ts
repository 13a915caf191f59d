import { Option, type Command } from 'commander';
import { MapleError } from '../../layers/errors.js';
import { mustDiffer } from '../node/class_names.js';
import { readTextFile } from '../node/text_file.js';
import { list } from './study_options.js';

/** Class names that the user gives. */
export interface ClassNameFlags {
  classes?: string[];
  classesFile?: string;
}

/** Adds `--classes` and `--classes-file`. */
export function addClassNameOptions(command: Command, what: string): Command {
  return command
    .addOption(
      new Option('--classes <names>', `${what}, joined by commas: "cat,dog"`).argParser(list).conflicts('classesFile'),
    )
    .option('--classes-file <file>', `${what}, one a line of a text file`);
}

/**
 * The class names the user gave; undefined where none.
 * @throws MapleError when the file cannot be read or holds no name, or two names come to one text
 */
export async function classNamesFor({ classes, classesFile }: ClassNameFlags): Promise<string[] | undefined> {
  if (classesFile === undefined) {
    mustDiffer('--classes', classes ?? []);
    return classes;
  }
  const names = (await readTextFile(classesFile))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (names.length === 0) {
    throw new MapleError(`${classesFile} must hold class names, one a line. Received: none.`);
  }
  mustDiffer(classesFile, names);
  return names;
}

import { join } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { ChoiceOption } from './choice_option.js';
import type { Orientation } from '../data/picture.js';
import type { BackendName, ChosenBackend } from '../node/backend.js';
import type { LoadBackboneArgs } from '../node/load_backbone.js';
import { note } from '../node/notes.js';
import type { ClipBackbone } from '../weights/open_clip.js';

/** Reads an integer of at least `least`, or tells commander what is wrong with it. */
export function integer(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`It must be an integer of ${least} or more.`);
    }
    return value;
  };
}

/** Reads a number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) {
    throw new InvalidArgumentError('It must be a number above 0.');
  }
  return value;
}

/** `--backend native` or `--backend wasm`. */
export function backendOption(): Option {
  return new ChoiceOption('--backend <name>', 'compute on this one only (default: native, else wasm)').choices([
    'native',
    'wasm',
  ]);
}

/** `--orientation ignore` or `--orientation apply`. */
export function orientationOption(): Option {
  return new ChoiceOption(
    '--orientation <rule>',
    "the orientation that a camera noted in the file: apply it to turn phones' photos upright",
  )
    .choices(['ignore', 'apply'])
    .default('ignore');
}

/** What a command is told of how pictures are read. */
export interface OrientationFlag {
  orientation: Orientation;
}

/** What a command is told of the backbone it opens. */
export interface BackboneFlags extends Pick<LoadBackboneArgs, 'revision' | 'offline' | 'update' | 'imageSize'> {
  backbone?: string;
}

/** `--backbone <path or hub name>`. */
export function backboneOption(usual = 'the shipped emoji-clip'): Option {
  return new Option(
    '--backbone <path or hub name>',
    `a CLIP or SigLIP: a folder, a file of weights, or owner/name on the Hugging Face hub (default: ${usual})`,
  );
}

/**
 * Adds `--backbone` and what goes with it, for {@link openBackboneFor}.
 * @param usual - what is taken without it, where that is not the shipped one
 */
export function addBackboneOptions(command: Command, usual?: string): Command {
  return command
    .addOption(backboneOption(usual))
    .option('--revision <name>', 'branch, tag or commit of the backbone on the hub (default: main)')
    .option('--update', 'ask the hub whether that branch has moved on since it was downloaded')
    .addOption(
      new Option('--offline', 'take the backbone from the cache only; never ask the network').conflicts('update'),
    )
    .option('--image-size <pixels>', "side of the backbone's input, its position embedding interpolated", integer(1));
}

/** For pictures that are a list: where its paths begin. */
export function imageFolderOption(): Option {
  return new Option('--image-folder <folder>', "what a list's paths are relative to (default: the list's folder)");
}

/** The path or hub name that the options of {@link addBackboneOptions} name. */
export async function backbonePathFor({ backbone }: BackboneFlags): Promise<string> {
  const { packageFolder } = await import('../node/package_folder.js');
  return backbone ?? join(packageFolder(), 'assets', 'emoji-clip');
}

/** What `loadBackbone` is told by the options of {@link addBackboneOptions}; what is not given is left out. */
export function backboneArgsOf({
  revision,
  offline,
  update,
  imageSize,
}: BackboneFlags): Omit<BackboneFlags, 'backbone'> {
  return {
    ...(revision === undefined ? {} : { revision }),
    ...(offline === undefined ? {} : { offline }),
    ...(update === undefined ? {} : { update }),
    ...(imageSize === undefined ? {} : { imageSize }),
  };
}

/** Opens the backbone that the options of {@link addBackboneOptions} name: every command's way to one. */
export async function openBackboneFor(flags: BackboneFlags): Promise<ClipBackbone> {
  const { loadBackbone } = await import('../node/load_backbone.js');
  return loadBackbone(await backbonePathFor(flags), backboneArgsOf(flags));
}

/** Chooses the backend and tells on standard error which, and why no better one. */
export async function announceBackend(preferred: BackendName | undefined): Promise<ChosenBackend> {
  const { chooseBackend } = await import('../node/backend.js');
  const chosen = await chooseBackend(preferred);
  note(`Backend: ${chosen.description}`);
  chosen.whyNotBetter.forEach((reason) => note(`  not better: ${reason}`));
  return chosen;
}

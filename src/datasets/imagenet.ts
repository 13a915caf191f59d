import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MapleError } from '../../layers/errors.js';
import { hasPictureName, readFolder } from '../node/pictures.js';
import { firstFew, type ListedPicture, type Listing } from './listing.js';
import { firstWordAndRest, readLines } from './text_lines.js';

/**
 * ImageNet: a folder for each WordNet id in `train` and in `val`; labels are the ids' order. As in the official code the
 * pictures of `val` are tested on; it takes them for validation as well, where we leave validation empty, so that no
 * setting is chosen on what is reported.
 * @throws MapleError when a folder has no name, the two parts differ in folders, or one of them has no picture
 */
export async function readImageNet(folder: string, pictures: string): Promise<Listing> {
  const names = await readClassNames(folder);
  const ids = await classFolders(join(pictures, 'train'));
  const tested = await classFolders(join(pictures, 'val'));
  const different = [...ids.filter((id) => !tested.includes(id)), ...tested.filter((id) => !ids.includes(id))];
  if (different.length > 0) {
    throw new MapleError(
      `${pictures} must have the same class folders in train and in val, or the labels would differ. ` +
        `Received in one only:${firstFew(different)}`,
    );
  }
  return {
    classNames: namesOf(ids, names, folder),
    train: await listFolders(join(pictures, 'train'), ids),
    validation: [],
    test: await listFolders(join(pictures, 'val'), ids),
  };
}

/**
 * ImageNetV2: the folder of number k holds pictures of the k-th line of `classnames.txt`, from 0.
 * @throws MapleError when there is not one folder a line
 */
export async function readNumbered(folder: string, pictures: string): Promise<Listing> {
  const names = await readClassNames(folder);
  const numbers = Array.from(names.keys(), (_, label) => String(label));
  const present = new Set(await classFolders(pictures));
  const missing = numbers.filter((number) => !present.has(number));
  if (missing.length > 0 || present.size > numbers.length) {
    throw new MapleError(
      `${pictures} must have the folders 0 to ${numbers.length - 1}, one for each line of classnames.txt. ` +
        `Received: ${present.size} folders${missing.length > 0 ? `, without ${missing[0]}` : ''}.`,
    );
  }
  return testOnly([...names.values()], await listFolders(pictures, numbers));
}

/**
 * ImageNet-Sketch, -A and -R: a folder for each WordNet id, labels in the ids' order. -A and -R have 200 of them, and are
 * told among these 200 only. Files beside the folders, as the README.txt of -A and -R, are passed over.
 * @throws MapleError when a folder has no name, or there is no picture
 */
export async function readWordnetIds(folder: string, pictures: string): Promise<Listing> {
  const names = await readClassNames(folder);
  const ids = await classFolders(pictures);
  return testOnly(namesOf(ids, names, folder), await listFolders(pictures, ids));
}

function testOnly(classNames: string[], test: ListedPicture[]): Listing {
  return { classNames, train: [], validation: [], test };
}

/** `classnames.txt`: WordNet id and name, in the file's order. */
async function readClassNames(folder: string): Promise<Map<string, string>> {
  const file = join(folder, 'classnames.txt');
  const lines = await readLines(file, 'a copy of the one that CoOp publishes for ImageNet');
  const names = new Map<string, string>();
  for (const line of lines) {
    const [id, name] = firstWordAndRest(line);
    if (name === '' || names.has(id)) {
      throw new MapleError(
        `${line.at} must be a WordNet id that no other line has, and a class name. Received: ${JSON.stringify(line.text)}.`,
      );
    }
    names.set(id, name);
  }
  return names;
}

function namesOf(ids: readonly string[], names: ReadonlyMap<string, string>, folder: string): string[] {
  const unnamed = ids.filter((id) => !names.has(id));
  if (unnamed.length > 0) {
    throw new MapleError(
      `${join(folder, 'classnames.txt')} must name every class folder. Received: none for ${unnamed.length}:${firstFew(unnamed)}`,
    );
  }
  return ids.map((id) => names.get(id) as string);
}

/** Names of the folders in a folder, in order. */
async function classFolders(folder: string): Promise<string[]> {
  const entries = await readFolder(folder);
  const folders = entries.filter(({ name, kind }) => kind === 'folder' && !name.startsWith('.'));
  if (folders.length === 0) {
    throw new MapleError(`${folder} must hold a folder for each class. Received: none.`);
  }
  return folders.map(({ name }) => name);
}

/** The pictures of class folders, in order of name: the official code's order is the file system's. */
async function listFolders(parent: string, folders: readonly string[]): Promise<ListedPicture[]> {
  const pictures: ListedPicture[] = [];
  for (const [label, folder] of folders.entries()) {
    const before = pictures.length;
    for (const name of await pictureNames(join(parent, folder))) {
      pictures.push({ label, path: join(parent, folder, name) });
    }
    if (pictures.length === before) {
      throw new MapleError(`${join(parent, folder)} must hold the pictures of a class. Received: none.`);
    }
  }
  return pictures;
}

/** Without a look at each of a million files, as `readFolder` takes. */
async function pictureNames(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter(hasPictureName).sort();
}

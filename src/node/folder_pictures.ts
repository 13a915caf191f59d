import { basename, join, resolve } from 'node:path';
import { MapleError } from '../../layers/errors.js';
import type { PictureCheck } from './check_pictures.js';
import type { FoundPictures } from './found_pictures.js';
import { byPath, checkClassFolders, listClassFolders, mustHoldClasses, type Skipped } from './image_folder.js';
import { PARTS, partOfName, PART_SPELLINGS, type Part } from './listed_picture.js';
import { hasPictureName, readFolder } from './pictures.js';

type Progress = ((done: number, total: number) => void) | undefined;

/**
 * The pictures of a folder: of class folders, or of parts (`train`, `val`, `test`) with class folders in them.
 * @throws MapleError when it is neither, or two of its folders are the same part
 */
export async function findFolderPictures(
  folder: string,
  check: PictureCheck,
  onProgress: Progress,
): Promise<FoundPictures> {
  const parts = await partsOf(folder);
  return parts === undefined
    ? findClasses(folder, check, onProgress)
    : findParts(folder, parts.folders, parts.skipped, check, onProgress);
}

async function findClasses(folder: string, check: PictureCheck, onProgress: Progress): Promise<FoundPictures> {
  const { classes, skipped } = await checkClassFolders(await listClassFolders(folder), check, onProgress);
  mustHoldClasses(folder, classes, skipped);
  const pictures = classes.flatMap(({ name, paths }, label) =>
    paths.map((path) => ({ path, label, key: `${name}/${basename(path).normalize('NFC')}` })),
  );
  const places = new Map(classes.map((entry) => [entry.name, entry.folder]));
  return {
    name: basename(resolve(folder)),
    classNames: classes.map(({ name }) => name),
    pictures,
    skipped,
    placeOf: (name) => places.get(name) ?? folder,
  };
}

/**
 * The folders that are parts, where the folder is one of parts: a folder called `train` may also be a class of trains, but
 * then it holds pictures and not folders.
 */
async function partsOf(folder: string): Promise<{ folders: Map<Part, string>; skipped: Skipped[] } | undefined> {
  const folders = new Map<Part, string>();
  const others: Skipped[] = [];
  let otherFolders = 0;
  for (const { name, kind } of (await readFolder(folder)).filter((entry) => !entry.name.startsWith('.'))) {
    const part = partOfName(name);
    const path = join(folder, name);
    if (part === undefined || kind !== 'folder' || !(await holdsFolders(path))) {
      otherFolders += kind === 'folder' ? 1 : 0;
      others.push({ path, reason: `not in ${PART_SPELLINGS}` });
      continue;
    }
    const known = folders.get(part);
    if (known !== undefined) {
      throw new MapleError(
        `${folder} must hold one folder for each part. Received: ${known} and ${path}, both ${part}.`,
      );
    }
    folders.set(part, path);
  }
  return folders.has('train') || (folders.size > 0 && otherFolders === 0) ? { folders, skipped: others } : undefined;
}

async function holdsFolders(folder: string): Promise<boolean> {
  const entries = await readFolder(folder);
  const pictures = entries.some(({ name, kind }) => kind !== 'folder' && hasPictureName(name));
  return !pictures && entries.some(({ name, kind }) => kind === 'folder' && !name.startsWith('.'));
}

async function findParts(
  folder: string,
  folders: ReadonlyMap<Part, string>,
  beside: readonly Skipped[],
  check: PictureCheck,
  onProgress: Progress,
): Promise<FoundPictures> {
  const listed = [];
  for (const part of PARTS.filter((name) => folders.has(name))) {
    listed.push({ part, below: await listClassFolders(folders.get(part) as string) });
  }
  const sizes = listed.map(({ below }) => below.classes.reduce((sum, { paths }) => sum + paths.length, 0));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const found = [];
  let before = 0;
  for (const [index, { part, below }] of listed.entries()) {
    const start = before;
    found.push({ part, ...(await checkClassFolders(below, check, (done) => onProgress?.(start + done, total))) });
    before += sizes[index];
  }
  const skipped = [...beside, ...found.flatMap((entry) => entry.skipped)].sort(byPath);
  mustHoldClasses(
    folders.get('train') ?? folder,
    found.flatMap(({ classes }) => classes),
    skipped,
  );
  const names = new Set(found.flatMap(({ classes }) => classes.map(({ name }) => name)));
  const classNames = [...names].sort((one, other) => (one < other ? -1 : 1));
  const labels = new Map(classNames.map((name, label) => [name, label]));
  const pictures = found.flatMap(({ part, classes }) =>
    classes.flatMap(({ name, paths }) =>
      paths.map((path) => ({
        path,
        label: labels.get(name) as number,
        key: `${name}/${basename(path).normalize('NFC')}`,
        part,
      })),
    ),
  );
  const placeOf = (name: string): string => join(folder, name);
  return { name: basename(resolve(folder)), classNames, pictures, skipped, placeOf };
}

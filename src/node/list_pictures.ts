import { basename, dirname, extname, join, resolve } from 'node:path';
import { MapleError } from '../../layers/errors.js';
import { checkPictures, reasonOf, type PictureCheck } from './check_pictures.js';
import type { FoundPictures } from './found_pictures.js';
import type { Skipped } from './image_folder.js';
import { listedPath, type ListedPathOptions } from './listed_path.js';
import { classesOf, type ListedPicture, type PictureList } from './listed_picture.js';
import { readFolder } from './pictures.js';

/** How the pictures of a list are found. */
export interface FindListedOptions extends ListedPathOptions {
  /** What the paths are relative to. Default: the folder of the list. */
  imageFolder?: string;
  check: PictureCheck;
  onProgress?: (done: number, total: number) => void;
}

/** An entry whose file is there. */
interface Located extends ListedPicture {
  file: string;
}

/** Files that are looked for at once. */
const CONCURRENT = 64;
const SHOWN = 5;

/**
 * The pictures of a list that are there and can be used.
 * @throws MapleError when a path leads out of the folder, a label has two names, or nothing can be used
 */
export async function findListedPictures(
  list: string,
  { pictures, unusable }: PictureList,
  options: FindListedOptions,
): Promise<FoundPictures> {
  const { imageFolder = dirname(list), check, onProgress } = options;
  const skipped: Skipped[] = unusable.map(({ where, reason }) => ({ path: list, reason: `${where} ${reason}` }));
  const inOrder = splitOrNot(pictures.map(inOneSpelling), skipped);
  // Before files are looked for: two names of a label are a mistake of the list as a whole.
  classesOf(list, inOrder);
  const located = withoutRepeats(await locate(list, inOrder, { ...options, imageFolder }, skipped), skipped);
  const reasons = await checkPictures(
    located.map(({ file }) => file),
    check,
    onProgress,
  );
  located.forEach(({ file, where }, index) => {
    const reason = reasons[index];
    if (reason !== undefined) {
      skipped.push({ path: file, reason: `${where}: ${reason}` });
    }
  });
  const usable = located.filter((_, index) => reasons[index] === undefined);
  if (usable.length === 0) {
    const below = await folderBelow(imageFolder, inOrder);
    const remedy =
      below === undefined ? '' : `\nSuch files are in ${below}: give --image-folder ${below} (\`imageFolder\`).`;
    throw new MapleError(
      `${list} must list pictures that are in ${imageFolder}. Received: ${describe(skipped)}${remedy}`,
    );
  }
  const { classNames, labels } = classesOf(list, usable);
  for (const className of classesOf(list, inOrder).classNames.filter((name) => !classNames.includes(name))) {
    skipped.push({ path: placeOf(list, className), reason: 'a class without a readable picture' });
  }
  return {
    name: basename(list, extname(list)),
    classNames,
    pictures: usable.map(({ file, key, path, part }) => ({
      path: file,
      label: labels.get(key) as number,
      key: path.normalize('NFC').replace(/^(\.\/)+/, ''),
      part,
    })),
    skipped,
    placeOf: (className) => placeOf(list, className),
  };
}

function placeOf(list: string, className: string): string {
  return `${list}, class ${JSON.stringify(className)}`;
}

/** Letters and accents of a class are joined, as they are in names of folders. */
function inOneSpelling(picture: ListedPicture): ListedPicture {
  return { ...picture, className: picture.className.normalize('NFC'), key: picture.key.normalize('NFC') };
}

/** Either all entries name a part, or none does: those without one are left out where others have one. */
function splitOrNot(pictures: ListedPicture[], skipped: Skipped[]): ListedPicture[] {
  if (pictures.every(({ part }) => part === undefined)) {
    return pictures;
  }
  for (const { path, where } of pictures.filter(({ part }) => part === undefined)) {
    skipped.push({ path, reason: `${where}: has no split, but others have` });
  }
  return pictures.filter(({ part }) => part !== undefined);
}

async function locate(
  list: string,
  pictures: readonly ListedPicture[],
  { imageFolder, allowOutside }: { imageFolder: string; allowOutside?: boolean },
  skipped: Skipped[],
): Promise<Located[]> {
  const located: Located[] = [];
  const refused: string[] = [];
  for (let start = 0; start < pictures.length; start += CONCURRENT) {
    const members = pictures.slice(start, start + CONCURRENT);
    const found = await Promise.all(
      members.map(({ path }) =>
        listedPath(imageFolder, path, { allowOutside }).catch((error: unknown) => ({ problem: reasonOf(error) })),
      ),
    );
    found.forEach((file, index) => {
      const picture = members[index];
      if (typeof file === 'string') {
        located.push({ ...picture, file });
      } else if (file === undefined) {
        skipped.push({ path: resolve(imageFolder, picture.path), reason: `${picture.where}: no such file` });
      } else {
        refused.push(`${picture.where}: ${file.problem}`);
      }
    });
  }
  if (refused.length > 0) {
    const more = refused.length > SHOWN ? `\n  - and ${refused.length - SHOWN} more` : '';
    throw new MapleError(
      `${list} must name files within ${join(imageFolder, '/')}, since a list from elsewhere could name any file of this machine. ` +
        `Received:${refused
          .slice(0, SHOWN)
          .map((problem) => `\n  - ${problem}`)
          .join('')}${more}\n` +
        'For a list of your own, allow paths outside the folder (`allowOutside`), or name another folder that they are ' +
        'relative to (`imageFolder`).',
    );
  }
  return located;
}

/** A file counts once, and not at all where it is listed in two classes: nobody can tell which one is right. */
function withoutRepeats(pictures: readonly Located[], skipped: Skipped[]): Located[] {
  const byFile = new Map<string, Located[]>();
  for (const picture of pictures) {
    const same = byFile.get(picture.file) ?? [];
    byFile.set(picture.file, same);
    same.push(picture);
  }
  return [...byFile.values()].flatMap((same) => {
    const [first, ...others] = same;
    const different = others.find(({ key }) => key !== first.key);
    if (different !== undefined) {
      const classes = [first, different].map(({ className, where }) => `${JSON.stringify(className)} (${where})`);
      skipped.push({ path: first.file, reason: `listed in two classes, ${classes.join(' and ')}` });
      return [];
    }
    for (const { file, where } of others) {
      const part = first.part === undefined ? '' : `, for ${first.part}`;
      skipped.push({ path: file, reason: `${where}: listed before in ${first.where}${part}` });
    }
    return [first];
  });
}

/** A folder within another from where the first paths of a list lead to files, as CoOp's lists lie beside their pictures' folder. */
async function folderBelow(folder: string, pictures: readonly ListedPicture[]): Promise<string | undefined> {
  const entries = await readFolder(folder).catch(() => []);
  const firsts = pictures.slice(0, SHOWN);
  for (const { name } of entries.filter(({ kind }) => kind === 'folder')) {
    const found = await Promise.all(
      firsts.map(({ path }) => listedPath(join(folder, name), path).catch(() => undefined)),
    );
    if (found.some((file) => file !== undefined)) {
      return join(folder, name);
    }
  }
  return undefined;
}

function describe(skipped: readonly Skipped[]): string {
  if (skipped.length === 0) {
    return 'no entries.';
  }
  const more = skipped.length > SHOWN ? `\n  - and ${skipped.length - SHOWN} more` : '';
  const shown = skipped.slice(0, SHOWN).map(({ path, reason }) => `\n  - ${path}: ${reason}`);
  return `nothing that can be used:${shown.join('')}${more}`;
}

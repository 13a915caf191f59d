import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import sharp, { type Metadata } from 'sharp';
import { MapleError } from '../../layers/errors.js';
import type { Picture } from '../data/picture.js';

/** Largest picture that is decoded, in pixels: 25 million, 75 MB of memory. */
export const PIXEL_LIMIT = 25_000_000;

/** What sharp calls the formats that are read, and the endings of their files' names. */
const FORMATS: Record<string, readonly string[]> = {
  jpeg: ['.jpg', '.jpeg'],
  png: ['.png'],
  webp: ['.webp'],
  gif: ['.gif'],
  heif: ['.avif'],
};
const ENDINGS = new Set(Object.values(FORMATS).flat());
const READABLE = 'a JPEG, PNG, WebP, GIF or AVIF picture';

/**
 * Reads a JPEG, PNG, WebP, GIF (first frame) or AVIF picture, whatever its file is called, as 8-bit red, green and blue.
 *
 * As in the official code (Pillow's `convert('RGB')`), transparency is dropped and not blended, the colours below it
 * showing; the camera's EXIF orientation and embedded colour profiles are ignored.
 * @throws MapleError naming the file when there is none, it is no such picture, damaged, or over {@link PIXEL_LIMIT}
 */
export async function readPicture(path: string): Promise<Picture> {
  await checkPicture(path);
  try {
    const image = sharp(path, { failOn: 'error', limitInputPixels: PIXEL_LIMIT, ignoreIcc: true });
    const pixels = image.removeAlpha().toColourspace('srgb').raw({ depth: 'uchar' });
    const { data, info } = await pixels.toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: new Uint8Array(data) };
  } catch (error) {
    throw new MapleError(
      `${path} cannot be decoded: ${firstLine(error)}. The file is damaged or truncated: copy it again, or remove it.`,
      { cause: error },
    );
  }
}

/**
 * Looks at a picture's header only: whether it is there, of a format that is read, and within {@link PIXEL_LIMIT}.
 * @throws MapleError as {@link readPicture}, but for damage further on
 */
export async function checkPicture(path: string): Promise<void> {
  const found = await stat(path).catch((error: Error) => {
    throw new MapleError(`${path} cannot be read: ${firstLine(error)}.`, { cause: error });
  });
  if (!found.isFile()) {
    throw new MapleError(`${path} must be a file holding ${READABLE}. Received: a folder or a special file.`);
  }
  let header: Metadata;
  try {
    // Without the limit here, so that the message can tell the picture's size.
    header = await sharp(path, { limitInputPixels: false }).metadata();
  } catch (error) {
    const content = found.size === 0 ? 'an empty file' : `something else (${firstLine(error)})`;
    throw notAPicture(path, content, error);
  }
  const { format, width, height } = header;
  if (!(format in FORMATS)) {
    throw notAPicture(path, format);
  }
  if (width * height > PIXEL_LIMIT) {
    throw new MapleError(
      `${path} must have ${PIXEL_LIMIT / 1e6} million pixels at most. ` +
        `Received: ${width} x ${height}, ${((width * height) / 1e6).toFixed(1)} million. Make it smaller first.`,
    );
  }
}

/**
 * Paths of the pictures in a folder, by the endings of their names, in order of name; hidden files and folders within
 * are left out.
 * @throws MapleError when the folder cannot be read
 */
export async function listPictures(folder: string): Promise<string[]> {
  const entries = await readFolder(folder);
  return entries
    .filter(({ name, kind }) => kind === 'file' && hasPictureName(name))
    .map(({ name }) => join(folder, name));
}

/** Whether a file is called as a picture is, e.g. `cat.JPG`. */
export function hasPictureName(name: string): boolean {
  return !name.startsWith('.') && ENDINGS.has(extname(name).toLowerCase());
}

/** Something in a folder. */
export interface FolderEntry {
  name: string;
  kind: 'file' | 'folder' | 'other';
}

/**
 * What is in a folder, in order of name; links count as what they lead to.
 * @throws MapleError when it cannot be read
 */
export async function readFolder(folder: string): Promise<FolderEntry[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    const notAFolder = (error as NodeJS.ErrnoException).code === 'ENOTDIR';
    throw new MapleError(
      notAFolder ? `${folder} must be a folder. Received: a file.` : `${folder} cannot be read: ${firstLine(error)}.`,
      { cause: error },
    );
  }
  return Promise.all(
    names.sort(byCodePoint).map(async (name): Promise<FolderEntry> => {
      const found = await stat(join(folder, name)).catch(() => undefined);
      return { name, kind: found?.isFile() ? 'file' : found?.isDirectory() ? 'folder' : 'other' };
    }),
  );
}

/** The same order in every language setting. */
function byCodePoint(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function notAPicture(path: string, content: string, cause?: unknown): MapleError {
  return new MapleError(
    `${path} must be ${READABLE}. Received: ${content}. Convert it to one of these formats, or remove it.`,
    { cause },
  );
}

function firstLine(error: unknown): string {
  return (error as Error).message.split('\n')[0].replace(/\.$/, '');
}

import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { MapleError } from '../../layers/errors.js';
import type { Orientation, Picture } from '../data/picture.js';
import { decodeGif } from './gif.js';

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

/** How a picture is read. */
export interface ReadPictureOptions {
  /**
   * What becomes of the orientation that a camera notes in the file (EXIF): `ignore`, the default, takes the pixels as
   * they are stored, as the official code does; `apply` turns the picture as a viewer shows it, which suits people's own
   * photos. Pictures to compare, of training and of use, need the same rule.
   */
  orientation?: Orientation;
}

/** The names of {@link ReadPictureOptions}. */
export const READ_PICTURE_OPTIONS: SettingNames<ReadPictureOptions> = { orientation: true };

/**
 * Reads a JPEG, PNG, WebP, GIF (first frame) or AVIF picture, whatever its file is called, as 8-bit red, green and blue.
 *
 * As in the official code (Pillow's `convert('RGB')`), transparency is dropped and not blended, the colours below it
 * showing; the camera's EXIF orientation, unless asked for, and embedded colour profiles are ignored; CMYK becomes colour
 * by Pillow's formula. 16-bit grey is scaled to 8 bits, where Pillow clips it to white.
 * @throws MapleError naming the file when there is none, it is no such picture, damaged, or over {@link PIXEL_LIMIT}
 */
export async function readPicture(path: string, options: ReadPictureOptions = {}): Promise<Picture> {
  checkKnown('readPicture', options, READ_PICTURE_OPTIONS);
  const { orientation = 'ignore' } = options;
  mustBeOrientation(orientation);
  const { format, space } = await readHeader(path);
  try {
    if (format === 'gif') {
      return decodeGif(await readFile(path), PIXEL_LIMIT);
    }
    const decoding = { failOn: 'error', limitInputPixels: PIXEL_LIMIT, ignoreIcc: true } as const;
    const stored = sharp(path, decoding);
    const image = orientation === 'apply' ? stored.autoOrient() : stored;
    return space === 'cmyk' ? await decodeCmyk(image) : await decodeColour(image);
  } catch (error) {
    throw new MapleError(
      `${path} cannot be decoded: ${firstLine(error)}. The file is damaged or truncated: copy it again, or remove it.`,
      { cause: error },
    );
  }
}

/** @throws MapleError for an orientation that there is none of */
export function mustBeOrientation(orientation: unknown): void {
  if (orientation !== 'ignore' && orientation !== 'apply') {
    throw new MapleError(`\`orientation\` must be 'ignore' or 'apply'. Received: ${JSON.stringify(orientation)}.`);
  }
}

async function decodeColour(image: Sharp): Promise<Picture> {
  const pixels = image.removeAlpha().toColourspace('srgb').raw({ depth: 'uchar' });
  const { data, info } = await pixels.toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

/** Four inks as they are stored, and Pillow's whole-number formula; a colour profile would give other colours. */
async function decodeCmyk(image: Sharp): Promise<Picture> {
  const inks = image.pipelineColourspace('cmyk').toColourspace('cmyk').raw({ depth: 'uchar' });
  const { data, info } = await inks.toBuffer({ resolveWithObject: true });
  const colours = new Uint8Array(info.width * info.height * 3);
  for (let from = 0, to = 0; to < colours.length; from += 4, to += 3) {
    const light = 255 - data[from + 3];
    for (let channel = 0; channel < 3; channel++) {
      const product = data[from + channel] * light + 128;
      colours[to + channel] = light - (((product >> 8) + product) >> 8);
    }
  }
  return { width: info.width, height: info.height, data: colours };
}

/**
 * Looks at a picture's header only: whether it is there, of a format that is read, and within {@link PIXEL_LIMIT}.
 * @throws MapleError as {@link readPicture}, but for damage further on
 */
export async function checkPicture(path: string): Promise<void> {
  await readHeader(path);
}

async function readHeader(path: string): Promise<Metadata> {
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
  return header;
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

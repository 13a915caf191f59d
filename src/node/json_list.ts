import { MapleError } from '../../layers/errors.js';
import { parseStrictJson, type StrictJson } from '../weights/strict_json.js';
import { readTextFile } from './text_file.js';
import { PART_SPELLINGS, partOfName, type ListedPicture, type Part, type PictureList } from './listed_picture.js';

const PATH_KEYS = ['path', 'image', 'file', 'filename'];
const NAME_KEYS = ['class_name', 'classname', 'class'];
const ENTRY = '{"path": "cats/1.jpg", "label": "cat"} or ["cats/1.jpg", 0, "cat"]';

/**
 * A JSON list of pictures: a list of entries, or an object of such lists by part. An entry is an object with a path, a
 * class and, where the list is one, its part; or CoOp's triple of path, label and class name.
 * @throws MapleError when the file cannot be read, or is nothing of the kind
 */
export async function readJsonList(path: string): Promise<PictureList> {
  const json = parse(path, await readTextFile(path));
  const list: PictureList = { pictures: [], unusable: [] };
  for (const { name, part, entries } of listsOf(path, json)) {
    entries.forEach((entry, index) => {
      const where = `${name}[${index}]`;
      const found = readEntry(entry, part);
      if (typeof found === 'string') {
        list.unusable.push({ where, reason: found });
      } else {
        list.pictures.push({ where, ...found });
      }
    });
  }
  return list;
}

function parse(path: string, text: string): StrictJson {
  try {
    return parseStrictJson(text);
  } catch (error) {
    throw new MapleError(`${path} must be JSON with no key twice: ${(error as Error).message}.`, { cause: error });
  }
}

function listsOf(path: string, json: StrictJson): { name: string; part?: Part; entries: StrictJson[] }[] {
  if (Array.isArray(json)) {
    return [{ name: 'entry', entries: json }];
  }
  if (!(json instanceof Map) || json.size === 0) {
    throw new MapleError(`${path} must hold a list of entries such as ${ENTRY}, or {"train": [...], "test": [...]}.`);
  }
  const parts = new Set<Part>();
  return [...json].map(([name, entries]) => {
    const part = partOfName(name);
    if (part === undefined || parts.has(part) || !Array.isArray(entries)) {
      const received = !Array.isArray(entries) ? 'no list' : part === undefined ? 'another name' : 'a part twice';
      throw new MapleError(
        `${path} must hold lists called ${PART_SPELLINGS}, each once. Received for ${JSON.stringify(name)}: ${received}.`,
      );
    }
    parts.add(part);
    return { name, part, entries };
  });
}

/** The entry, or what is wrong with it. */
function readEntry(entry: StrictJson, part?: Part): Omit<ListedPicture, 'where'> | string {
  if (Array.isArray(entry)) {
    const [path, label, className] = entry;
    const right = entry.length === 3 && isText(path) && typeof label === 'bigint' && label >= 0n && isText(className);
    return right ? { path, key: String(label), className, part } : `must be ${ENTRY}`;
  }
  if (!(entry instanceof Map)) {
    return `must be ${ENTRY}`;
  }
  const path = valueOf(entry, PATH_KEYS);
  const label = entry.get('label');
  const className = valueOf(entry, NAME_KEYS) ?? label;
  if (!isText(path)) {
    return `must have a path, a text that is not empty, under one of ${PATH_KEYS.join(', ')}`;
  }
  if (!isText(className) && typeof className !== 'bigint') {
    return `must have a class, a text or whole number, under label or one of ${NAME_KEYS.join(', ')}`;
  }
  if (label !== undefined && !isText(label) && typeof label !== 'bigint') {
    return 'must have a text or whole number as its label';
  }
  const split = entry.get('split');
  const own = typeof split === 'string' ? partOfName(split) : undefined;
  if (split !== undefined && (own === undefined || (part !== undefined && own !== part))) {
    return `must have ${part === undefined ? PART_SPELLINGS : `the part it is listed in, ${part},`} as its split`;
  }
  return { path, className: String(className), key: String(label ?? className), part: part ?? own };
}

function valueOf(entry: ReadonlyMap<string, StrictJson>, keys: readonly string[]): StrictJson | undefined {
  const found = keys.filter((key) => entry.has(key));
  return found.length === 1 ? entry.get(found[0]) : undefined;
}

function isText(value: StrictJson | undefined): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

import { CsvError, parse } from 'csv-parse/sync';
import { MapleError } from '../../layers/errors.js';
import { readTextFile } from './text_file.js';
import { PART_SPELLINGS, partOfName, type ListedPicture, type PictureList } from './listed_picture.js';

const PATH_COLUMNS = ['path', 'image', 'file', 'filename'];
const NAME_COLUMNS = ['class_name', 'classname', 'class'];
const DELIMITERS = [',', ';', '\t'];

/** Which field of a line is what. */
interface Columns {
  path: number;
  name: number;
  key: number;
  split: number | undefined;
}

/** A line that is not empty, and its number in the file, of where it ends. */
interface Line {
  number: number;
  fields: string[];
}

/**
 * A CSV list of pictures, a header and a picture a line, with commas, semicolons or tabs between fields and quotes around
 * those that hold one.
 * @throws MapleError when the file cannot be read, has no such header, or quotes that do not close
 */
export async function readCsvList(path: string): Promise<PictureList> {
  const text = await readTextFile(path);
  const delimiter = delimiterOf(text);
  const [header, ...lines] = linesOf(path, text, delimiter);
  const columns = columnsOf(path, header?.fields ?? []);
  const list: PictureList = { pictures: [], unusable: [] };
  for (const { number, fields } of lines) {
    const where = `line ${number}`;
    const found =
      fields.length === header.fields.length
        ? readLine(fields, columns)
        : `has ${fields.length} fields, the header ${header.fields.length}: put a field that holds a delimiter in quotes`;
    if (typeof found === 'string') {
      list.unusable.push({ where, reason: found });
    } else {
      list.pictures.push({ where, ...found });
    }
  }
  return list;
}

/** The delimiter that the header, the first line with anything on it, has most of. */
function delimiterOf(text: string): string {
  const header = text.split('\n').find((line) => line.trim() !== '') ?? '';
  const counts = DELIMITERS.map((delimiter) => header.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))];
}

function linesOf(path: string, text: string, delimiter: string): Line[] {
  try {
    const rows = parse(text, {
      delimiter,
      info: true,
      relaxColumnCount: true,
      recordDelimiter: '\n',
      skipEmptyLines: true,
      skipRecordsWithEmptyValues: true,
      trim: true,
    }) as unknown as { info: { lines: number }; record: string[] }[];
    return rows.map(({ info, record }) => ({ number: info.lines, fields: record }));
  } catch (error) {
    if (!(error instanceof CsvError)) {
      throw error;
    }
    throw new MapleError(
      `${path} must be a CSV list with quotes that open at the beginning of a field and close at its end. ` +
        `Received: ${error.message.replace(/\.$/, '')}.`,
      { cause: error },
    );
  }
}

function columnsOf(path: string, header: readonly string[]): Columns {
  const titles = header.map((title) => title.toLowerCase().replaceAll(/[ -]/g, '_'));
  const find = (names: readonly string[]): number[] =>
    titles.flatMap((title, at) => (names.includes(title) ? [at] : []));
  const [paths, names, labels, splits] = [PATH_COLUMNS, NAME_COLUMNS, ['label'], ['split']].map(find);
  const classes = names.length + labels.length;
  if (paths.length !== 1 || names.length > 1 || labels.length > 1 || classes === 0 || splits.length > 1) {
    throw new MapleError(
      `${path} must begin with a header that has one column for the path (${PATH_COLUMNS.join(', ')}) and one for the ` +
        `class (label, ${NAME_COLUMNS.join(', ')}; or label and a name), and may have split. ` +
        `Received: ${header.length === 0 ? 'an empty file' : header.join(', ')}.`,
    );
  }
  return { path: paths[0], name: names[0] ?? labels[0], key: labels[0] ?? names[0], split: splits[0] };
}

/** The entry, or what is wrong with it. */
function readLine(fields: readonly string[], columns: Columns): Omit<ListedPicture, 'where'> | string {
  const [path, className, key] = [columns.path, columns.name, columns.key].map((column) => fields[column]);
  if (path === '' || className === '' || key === '') {
    return `has no ${path === '' ? 'path' : 'class'}`;
  }
  const split = columns.split === undefined ? undefined : fields[columns.split];
  const part = split === undefined ? undefined : partOfName(split);
  if (split !== undefined && part === undefined) {
    return `must have ${PART_SPELLINGS} as its split. Received: ${split === '' ? 'nothing' : split}`;
  }
  return { path, className, key, part };
}

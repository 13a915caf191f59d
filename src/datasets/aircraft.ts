import { join } from 'node:path';
import { MapleError } from '../../layers/errors.js';
import { plainPathProblem } from '../node/listed_path.js';
import { mustHoldFiles } from './listed_files.js';
import type { ListedPicture, Listing } from './listing.js';
import { firstWordAndRest, readLines } from './text_lines.js';

/**
 * Reads FGVC Aircraft as it is published: `variants.txt` names the classes in the order of their labels,
 * `images_variant_train.txt` and its like have a line `<number of the picture> <class name>` each.
 * @throws MapleError naming the file and line that is wrong, or the pictures that are missing
 */
export async function readAircraft(folder: string, pictures: string): Promise<Listing> {
  const classes = await readLines(join(folder, 'variants.txt'), 'the class names of FGVC Aircraft');
  const labels = new Map(classes.map(({ text }, label) => [text, label]));
  if (labels.size < classes.length) {
    throw new MapleError(`${join(folder, 'variants.txt')} must name every class once.`);
  }
  /** Where each picture was met first. */
  const places = new Map<string, string>();
  const part = async (name: string): Promise<ListedPicture[]> => {
    const lines = await readLines(join(folder, `images_variant_${name}.txt`), `the ${name} pictures of FGVC Aircraft`);
    return lines.map((line) => {
      const [id, className] = firstWordAndRest(line);
      const label = labels.get(className);
      if (label === undefined) {
        throw new MapleError(`${line.at} must name a class of variants.txt. Received: ${JSON.stringify(className)}.`);
      }
      const file = `${id}.jpg`;
      const problem = id.includes('/') ? 'holds a slash' : plainPathProblem(file);
      if (problem !== undefined) {
        throw new MapleError(
          `${line.at} must begin with the number of a picture in ${pictures}, but it ${problem}. Received: ${JSON.stringify(id)}.`,
        );
      }
      const place = places.get(file);
      if (place !== undefined) {
        throw new MapleError(`A picture must be listed once. Received: ${id} in ${place} and in ${line.at}.`);
      }
      places.set(file, line.at);
      return { label, path: join(pictures, file) };
    });
  };
  const [train, validation, test] = [await part('train'), await part('val'), await part('test')];
  await mustHoldFiles(pictures, places.keys(), join(folder, 'images_variant_*.txt'));
  return { classNames: classes.map(({ text }) => text), train, validation, test };
}

import type { Example, ImageDataset } from '../data/dataset.js';
import type { Picture } from '../data/picture.js';
import type { StudyData } from './study_data.js';

/** Bytes of pictures kept by one process: a few data sets of small pictures, or a part of one of photographs. */
const MOST_BYTES = 256 * 2 ** 20;

/**
 * The same data, but pictures that have been loaded are kept, as far as there is room: every method of a data set is
 * tested on the same ones, and every epoch trains on the same ones.
 */
export function keepPictures(data: StudyData, mostBytes = MOST_BYTES): StudyData {
  const kept = new Map<string, ImageDataset>();
  let bytes = 0;
  const load: StudyData['load'] = async (name, options) => {
    const key = JSON.stringify([name, options.seed, options.shots]);
    const found = kept.get(key);
    if (found !== undefined) {
      return found;
    }
    if (bytes > mostBytes) {
      kept.clear();
      bytes = 0;
    }
    const keep = (example: Example): Example => {
      let picture: Promise<Picture> | undefined;
      return {
        label: example.label,
        name: example.name,
        path: example.path,
        orientation: example.orientation,
        load: () => {
          if (picture !== undefined) {
            return picture;
          }
          const loading = example.load();
          if (bytes <= mostBytes) {
            picture = loading;
            loading.then(
              ({ data: pixels }) => (bytes += pixels.byteLength),
              () => (picture = undefined),
            );
          }
          return loading;
        },
      };
    };
    const dataset = await data.load(name, options);
    const { train, validation, test } = dataset;
    const keeping = { ...dataset, train: train.map(keep), validation: validation.map(keep), test: test.map(keep) };
    kept.set(key, keeping);
    return keeping;
  };
  return { ...data, load };
}

import type { GalleryRecord, GallerySplit } from '../evaluation/record.js';
import type { RunMethod } from '../evaluation/run_methods.js';
import { METHOD_TITLES, methodsOf } from './methods.js';
import type { PictureCard } from './picture_cards.js';

/** What methods said of the same pictures of one data set. */
export interface Gallery {
  dataset: string;
  seed: number;
  /** In the order of the paper's tables. */
  records: GalleryRecord[];
}

/** The galleries of some records, one a data set: of its seeds the first. */
export function galleriesOf(records: readonly GalleryRecord[]): Gallery[] {
  const datasets = [...new Set(records.map(({ dataset }) => dataset))];
  return datasets.map((dataset) => {
    const own = records.filter((record) => record.dataset === dataset);
    const { seed, base } = own[0];
    const alike = own.filter(
      (record) => (record.seed === seed || record.method === 'zeroShot') && sameLabels(record.base, base),
    );
    const first = methodsOf(alike).map((method) => alike.find((record) => record.method === method) as GalleryRecord);
    return { dataset, seed, records: first };
  });
}

/** Methods whose answers stand below a picture: more could not be taken in. */
const SHOWN: readonly RunMethod[] = ['zeroShot', 'coop', 'maple'];

/** The first picture of each class, with what zero-shot, CoOp and MaPLe, or the methods that there are, said of it. */
export function cardsOf(gallery: Gallery): PictureCard[] {
  const usual = gallery.records.filter(({ method }) => SHOWN.includes(method));
  const records = usual.length > 1 ? usual : gallery.records.slice(0, SHOWN.length);
  return (['base', 'new'] as const).flatMap((split) => {
    const { labels, thumbnails, classNames } = records[0][split];
    return [...new Set(labels)]
      .filter((label) => thumbnails[label] !== undefined)
      .map((label) => {
        const place = labels.indexOf(label);
        const said = records.map(({ method, [split]: own }): [string, string] => [
          METHOD_TITLES[method],
          own.classNames[own.said[place]],
        ]);
        return { image: thumbnails[label], truth: classNames[label], split, said };
      });
  });
}

/** Zero-shot's record and that of the method whose image features tuning changed: MaPLe's, or another's. */
export function beforeAndAfter({ records }: Gallery): [GalleryRecord, GalleryRecord] | undefined {
  const before = records.find(({ method }) => method === 'zeroShot');
  const seeing = records.filter(({ design }) => design.visionDepth > 0);
  const after = seeing.find(({ method }) => method === 'maple') ?? seeing[seeing.length - 1];
  return before && after ? [before, after] : undefined;
}

function sameLabels(one: GallerySplit, other: GallerySplit): boolean {
  return one.labels.length === other.labels.length && one.labels.every((label, place) => label === other.labels[place]);
}

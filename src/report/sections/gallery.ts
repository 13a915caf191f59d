import type { GalleryRecord } from '../../evaluation/record.js';
import { classSign, featureChart } from '../charts/feature_chart.js';
import { featureMap } from '../feature_map.js';
import { beforeAndAfter, cardsOf, galleriesOf, type Gallery } from '../galleries.js';
import { html, type Html } from '../html.js';
import { METHOD_TITLES } from '../methods.js';
import { percent } from '../numbers.js';
import { pictureCards } from '../picture_cards.js';
import { figures, note, section } from './section.js';

/** Galleries shown; every one is some 100 kB of pictures. */
const MOST = 2;

/** Test pictures, and image features before and after tuning. */
export function gallerySections(records: readonly GalleryRecord[]): Html[] {
  const galleries = galleriesOf(records).slice(0, MOST);
  const features = galleries.flatMap((gallery) => featuresOf(gallery));
  return [
    ...galleries.map((gallery) =>
      section(
        `Test pictures: ${gallery.dataset}`,
        note(
          `The first test picture of some classes, seed ${gallery.seed}. ✓ right; ✗ wrong, with what it was taken for.`,
        ),
        pictureCards(cardsOf(gallery)),
      ),
    ),
    ...(features.length === 0
      ? []
      : [
          section(
            'Image features before and after tuning',
            note(
              'Each point is a test picture, by the two main directions of the image features (PCA, of each panel by itself). ' +
                'The sentence below a pair is of all directions: the share of the features’ variance that lies between classes.',
            ),
            features,
          ),
        ]),
  ];
}

function featuresOf(gallery: Gallery): Html[] {
  const pair = beforeAndAfter(gallery);
  if (pair === undefined) {
    return [];
  }
  return (['base', 'new'] as const).map((split) => {
    const maps = pair.map((record) => featureMap(record[split]));
    const charts = pair.map((record, index) =>
      featureChart({
        id: `features-${gallery.dataset}-${record.method}-${split}`,
        title: `${METHOD_TITLES[record.method]} (two directions hold ${percent(maps[index].explained)}%)`,
        map: maps[index],
        split: record[split],
      }),
    );
    const [before, after] = maps.map(({ betweenClasses }) => `${percent(betweenClasses)}%`);
    const { labels, classNames } = pair[0][split];
    return html`<h3>${gallery.dataset}, ${split} classes</h3>
      ${figures(charts, 2)}
      <ul class="legend">
        ${[...new Set(labels)].map((label, place) => html`<li>${sign(place)} ${classNames[label]}</li> `)}
      </ul>
      ${note(`Between classes: ${before} of the variance before, ${after} with ${METHOD_TITLES[pair[1].method]}.`)}`;
  });
}

function sign(place: number): Html {
  const { marker, colour, hollow } = classSign(place);
  const fill = hollow ? 'none' : colour;
  return html`<svg class="swatch" viewBox="-1 -1 12 12" aria-hidden="true">
    <path d="${marker}" fill="${fill}" stroke="${colour}" />
  </svg>`;
}

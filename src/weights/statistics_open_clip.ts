import { CLIP_IMAGE_STATISTICS } from '../clip/config.js';
import type { ImageStatistics } from '../clip/config.js';
import { briefResizing } from '../clip/image_statistics.js';
import type { Fields } from './json_fields.js';
import { failField, fieldsOf } from './open_clip_fields.js';

/** open_clip's names of fits; its `longest` pads pictures with a colour. */
const FITS = { shortest: 'crop', squash: 'squash' } as const;
/** And of filters. */
const FILTERS = { bicubic: 'bicubic', bilinear: 'bilinear' } as const;

/**
 * The image statistics that an open_clip_config.json states, if it does; what it leaves out is CLIP's.
 * @throws MapleError when they are not three numbers each, or the pictures are to be resized in a way that is not
 * supported
 */
export function statisticsFromOpenClip(json: object): ImageStatistics | undefined {
  const fields = fieldsOf(json as Fields, 'preprocess_cfg', {});
  choice(fields, 'mode', { RGB: 'RGB' });
  const stated = {
    mean: triple(fields, 'mean', -Infinity),
    deviation: triple(fields, 'std', Number.MIN_VALUE),
    fit: choice(fields, 'resize_mode', FITS),
    filter: choice(fields, 'interpolation', FILTERS),
  };
  if (Object.values(stated).every((value) => value === undefined)) {
    return undefined;
  }
  const { mean, deviation } = CLIP_IMAGE_STATISTICS;
  return briefResizing({ ...stated, mean: stated.mean ?? mean, deviation: stated.deviation ?? deviation });
}

/** What a field's value is called here; undefined where it is left out. */
function choice<T>(fields: Fields, field: string, names: Readonly<Record<string, T>>): T | undefined {
  const value = fields[field] ?? undefined;
  if (value === undefined) {
    return undefined;
  }
  if (typeof value !== 'string' || !Object.hasOwn(names, value)) {
    failField('preprocess_cfg', field, `be ${Object.keys(names).join(' or ')}; others are not supported`, value);
  }
  return names[value as string];
}

function triple(fields: Fields, field: string, least: number): [number, number, number] | undefined {
  const value = fields[field] ?? undefined;
  if (value === undefined) {
    return undefined;
  }
  if (!Array.isArray(value) || value.length !== 3 || !value.every((item) => Number.isFinite(item) && item >= least)) {
    failField('preprocess_cfg', field, `be three numbers${least > 0 ? ' above 0' : ''}`, value);
  }
  return value as [number, number, number];
}

import { mustHold } from '../must_hold.js';
import type { ImageStatistics } from './config.js';

/** What of {@link ImageStatistics} says how a picture is resized. */
export type Resizing = Pick<ImageStatistics, 'fit' | 'filter'>;

/** The values of `fit`. */
export const FITS = ['crop', 'squash'] as const;
/** The values of `filter`. */
export const FILTERS = ['bicubic', 'bilinear'] as const;

/**
 * The same with what was left out said.
 * @throws MapleError for a fit or filter that there is not
 */
export function completeResizing<T extends Resizing>(statistics: T): T & Required<Resizing> {
  const { fit = 'crop', filter = 'bicubic' } = statistics;
  mustHold('fit', fit, FITS.includes(fit), FITS.join(' or '));
  mustHold('filter', filter, FILTERS.includes(filter), FILTERS.join(' or '));
  return { ...statistics, fit, filter };
}

/** The same with what is as in CLIP left out, as files have it: those of CLIP have neither field. */
export function briefResizing<T extends Resizing>(statistics: T): T {
  const { fit, filter, ...others } = completeResizing(statistics);
  return { ...others, ...(fit !== 'crop' && { fit }), ...(filter !== 'bicubic' && { filter }) } as T;
}

import { MapleError } from '../../layers/errors.js';
import type { ImageStatistics } from '../clip/config.js';

type Fields = Record<string, unknown>;

/** Pillow's number of bicubic, as `resample` has it. */
const BICUBIC = 3;

/**
 * The image statistics of a Hugging Face preprocessor_config.json, whose pictures must be prepared as CLIP's are: the
 * short side resized bicubically, the centre cut out.
 * @param path - of the file, for messages
 * @param model - the picture size that the configuration beside it states, if it does, and that file's name
 * @throws MapleError naming the field that is not so
 */
export function statisticsFromPreprocessor(
  path: string,
  json: object,
  model: { imageSize?: unknown; from: string },
): ImageStatistics {
  const fields = json as Fields;
  if ((fields.resample ?? BICUBIC) !== BICUBIC) {
    throw new MapleError(
      `\`resample\` of ${path} must be ${BICUBIC} (bicubic); others are not supported. ` +
        `Received: ${JSON.stringify(fields.resample)}.`,
    );
  }
  const crop = fields.do_center_crop === false ? undefined : sideOf(fields.crop_size);
  if (crop !== undefined && model.imageSize !== undefined && crop !== model.imageSize) {
    throw new MapleError(
      `\`crop_size\` of ${path} must be \`vision_config.image_size\` of ${model.from}, ` +
        `${JSON.stringify(model.imageSize)}. Received: ${JSON.stringify(fields.crop_size)}.`,
    );
  }
  return { mean: triple(path, fields, 'image_mean'), deviation: triple(path, fields, 'image_std') };
}

/** A number of pixels, or {height, width}. */
function sideOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? (value as { height?: unknown }).height : value;
}

function triple(path: string, fields: Fields, field: string): [number, number, number] {
  const value = fields[field];
  const isTriple = Array.isArray(value) && value.length === 3 && value.every((item) => Number.isFinite(item));
  if (!isTriple || (field === 'image_std' && value.some((item: number) => item <= 0))) {
    throw new MapleError(
      `\`${field}\` of ${path} must be three numbers${field === 'image_std' ? ' above 0' : ''}, for red, green and ` +
        `blue. Received: ${JSON.stringify(value)}.`,
    );
  }
  return value as [number, number, number];
}

import { MapleError } from '../../layers/errors.js';
import type { ImageStatistics } from '../clip/config.js';
import { briefResizing, completeResizing } from '../clip/image_statistics.js';
import type { Fields } from './json_fields.js';

/** The image processor that a file describes, and the model that it goes with. */
interface Processor {
  /** Of the file. */
  path: string;
  /** What stands before a field's name in the file. */
  prefix: string;
  fields: Fields;
  /** Side of the model's pictures, in pixels. */
  imageSize: number;
  /** The file that says so. */
  from: string;
}

/** Hugging Face's image processors that are known, by the names of all its versions. */
const KNOWN = /^(CLIP|Siglip)(ImageProcessor(Fast|Pil)?|FeatureExtractor)$/;

/** What must be done to every picture, and what must not, where a file says. */
const STEPS = { do_resize: true, do_rescale: true, do_normalize: true, do_pad: false };

/** Pillow's numbers of filters, as `resample` has them. */
const RESAMPLE = { bilinear: 2, bicubic: 3 } as const;

/**
 * The image statistics of a Hugging Face preprocessor_config.json, or of a processor_config.json that holds an image
 * processor: one of CLIP's kind or of SigLIP's.
 * @param path - of the file, for messages
 * @param model - side of its pictures in pixels, and the file that says so
 * @throws MapleError naming the field that is not supported, what it must be and what it is
 */
export function statisticsFromPreprocessor(
  path: string,
  json: object,
  model: { imageSize: number; from: string },
): ImageStatistics {
  const nested = imageProcessorOf(json);
  const processor = {
    path,
    prefix: nested === undefined ? '' : 'image_processor.',
    fields: (nested ?? json) as Fields,
    ...model,
  };
  const squashes = checkType(processor) === 'Siglip';
  checkSteps(processor);
  return briefResizing({
    mean: triple(processor, 'image_mean'),
    deviation: triple(processor, 'image_std'),
    fit: fitOf(processor, squashes),
    filter: filterOf(processor),
  });
}

/** The image processor that a processor_config.json holds, which goes before preprocessor_config.json. */
export function imageProcessorOf(json: object): object | undefined {
  const nested = (json as Fields).image_processor;
  return typeof nested === 'object' && nested !== null ? nested : undefined;
}

/** The content of preprocessor_config.json for a model of these statistics, as Hugging Face reads it. */
export function preprocessorOf(imageSize: number, statistics: ImageStatistics): object {
  const { fit, filter } = completeResizing(statistics);
  const square = { height: imageSize, width: imageSize };
  return {
    image_processor_type: fit === 'squash' ? 'SiglipImageProcessor' : 'CLIPImageProcessor',
    do_resize: true,
    size: fit === 'squash' ? square : { shortest_edge: imageSize },
    resample: RESAMPLE[filter],
    ...(fit === 'crop' && { do_center_crop: true, crop_size: square }),
    do_convert_rgb: true,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: statistics.mean,
    image_std: statistics.deviation,
  };
}

/** Whose defaults hold for what is left out: CLIP's or Siglip's. */
function checkType(processor: Processor): string {
  const field = processor.fields.image_processor_type === undefined ? 'feature_extractor_type' : 'image_processor_type';
  const type = processor.fields[field] ?? 'CLIPImageProcessor';
  const [, family] = (typeof type === 'string' && KNOWN.exec(type)) || [];
  return family ?? fail(processor, field, 'be CLIPImageProcessor or SiglipImageProcessor; others are not supported');
}

function checkSteps(processor: Processor): void {
  const { fields } = processor;
  for (const [field, expected] of Object.entries(STEPS)) {
    if ((fields[field] ?? expected) !== expected) {
      fail(processor, field, `be ${expected}; else is not supported`);
    }
  }
  const factor = fields.rescale_factor ?? 1 / 255;
  if (typeof factor !== 'number' || Math.abs(factor * 255 - 1) > 1e-6) {
    fail(processor, 'rescale_factor', 'be 1/255 (0.00392156862745098); others are not supported');
  }
}

/** A side alone is the short one; height and width are both sides, whatever the picture's ratio. */
function fitOf(processor: Processor, squashes: boolean): ImageStatistics['fit'] {
  const { fields, imageSize } = processor;
  const size = fields.size ?? (squashes ? { height: imageSize, width: imageSize } : { shortest_edge: imageSize });
  const edges = typeof size === 'number' && !squashes ? { shortest_edge: size } : size;
  const isCrop = isEdges(edges, ['shortest_edge'], imageSize);
  if (!isCrop && !isEdges(edges, ['height', 'width'], imageSize)) {
    const square = `{"height": ${imageSize}, "width": ${imageSize}}`;
    fail(processor, 'size', `be {"shortest_edge": ${imageSize}} or ${square}, for \`${ofModel(processor)}`);
  }
  const cuts = fields.do_center_crop ?? (isCrop && !squashes);
  if (isCrop && cuts !== true) {
    fail(processor, 'do_center_crop', 'be true where `size` is a shortest edge: the model takes squares');
  }
  const { crop_size: cut } = fields;
  if (cuts !== false && cut !== undefined && cut !== imageSize && !isEdges(cut, ['height', 'width'], imageSize)) {
    fail(processor, 'crop_size', `be \`${ofModel(processor)}`);
  }
  return isCrop ? 'crop' : 'squash';
}

function ofModel({ from, imageSize }: Processor): string {
  return `vision_config.image_size\` of ${from}, ${imageSize}`;
}

/** Whether a value is an object of these fields alone, all of one length. */
function isEdges(value: unknown, names: readonly string[], length: number): boolean {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const given = Object.entries(value).filter(([, edge]) => edge !== null);
  return given.length === names.length && given.every(([name, edge]) => names.includes(name) && edge === length);
}

function filterOf(processor: Processor): ImageStatistics['filter'] {
  const number = processor.fields.resample ?? RESAMPLE.bicubic;
  const filter = (['bicubic', 'bilinear'] as const).find((name) => RESAMPLE[name] === number);
  return filter ?? fail(processor, 'resample', 'be 3 (bicubic) or 2 (bilinear); others are not supported');
}

function triple(processor: Processor, field: 'image_mean' | 'image_std'): [number, number, number] {
  const value = processor.fields[field];
  const least = field === 'image_std' ? Number.MIN_VALUE : -Infinity;
  if (!Array.isArray(value) || value.length !== 3 || !value.every((item) => Number.isFinite(item) && item >= least)) {
    fail(processor, field, `be three numbers${field === 'image_std' ? ' above 0' : ''}, for red, green and blue`);
  }
  return value as [number, number, number];
}

function fail({ path, prefix, fields }: Processor, field: string, expected: string): never {
  throw new MapleError(
    `\`${prefix}${field}\` of ${path} must ${expected}. Received: ${JSON.stringify(fields[field]) ?? 'nothing'}.`,
  );
}

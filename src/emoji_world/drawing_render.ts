import sharp from 'sharp';
import type { Icon } from './icons.js';

// Looked up once: in a sandbox, as tests run in, every look-up of a global is slow.
const { floor, max, min, round } = Math;

/** Rendered this many times larger than kept, then averaged down: sharp edges at every size of the SVG's own box. */
const OVERSAMPLING = 2;
/** Share of the box left free on each side. */
const MARGIN = 1 / 32;

/**
 * Renders an icon so that what is drawn, not the box it was drawn in, fills a square: styles leave very different
 * margins.
 * @param size - side of the square, in pixels
 * @returns RGBA with colour premultiplied by alpha, `size * size * 4` values; undefined when nothing is drawn
 */
export async function renderIcon(icon: Icon, size: number): Promise<Uint8Array | undefined> {
  const side = size * OVERSAMPLING;
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ' +
    `width="${side}" height="${side}" viewBox="${icon.left} ${icon.top} ${icon.width} ${icon.height}">${icon.body}</svg>`;
  const rendered = await sharp(Buffer.from(svg)).resize(side, side).ensureAlpha().raw().toBuffer();
  const box = drawnBox(rendered, side);
  return box && fitBox(rendered, side, box, size);
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The smallest box around all pixels that are more than barely visible. */
function drawnBox(rgba: Uint8Array, side: number): Box | undefined {
  const box = { left: side, top: side, right: 0, bottom: 0 };
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      if (rgba[(y * side + x) * 4 + 3] > 16) {
        box.left = min(box.left, x);
        box.right = max(box.right, x + 1);
        box.top = min(box.top, y);
        box.bottom = max(box.bottom, y + 1);
      }
    }
  }
  return box.right > box.left ? box : undefined;
}

/** Averages each pixel of the result over the area that it covers in the source, in premultiplied colour. */
function fitBox(rgba: Uint8Array, side: number, box: Box, size: number): Uint8Array {
  const longest = max(box.right - box.left, box.bottom - box.top);
  const scale = longest / (size * (1 - 2 * MARGIN));
  const left = (box.left + box.right) / 2 - (scale * size) / 2;
  const top = (box.top + box.bottom) / 2 - (scale * size) / 2;
  const result = new Uint8Array(size * size * 4);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const at = (y * size + x) * 4;
      averageArea(rgba, side, left + x * scale, top + y * scale, scale, result, at);
    }
  }
  return result;
}

function averageArea(
  rgba: Uint8Array,
  side: number,
  left: number,
  top: number,
  extent: number,
  result: Uint8Array,
  at: number,
): void {
  const sums = [0, 0, 0, 0];
  let covered = 0;
  for (let y = floor(top); y < top + extent; y++) {
    const rows = min(y + 1, top + extent) - max(y, top);
    for (let x = floor(left); x < left + extent; x++) {
      const weight = rows * (min(x + 1, left + extent) - max(x, left));
      covered += weight;
      if (x < 0 || y < 0 || x >= side || y >= side) {
        continue;
      }
      const from = (y * side + x) * 4;
      const alpha = rgba[from + 3] * weight;
      sums[0] += rgba[from] * alpha;
      sums[1] += rgba[from + 1] * alpha;
      sums[2] += rgba[from + 2] * alpha;
      sums[3] += alpha;
    }
  }
  for (let channel = 0; channel < 3; channel++) {
    result[at + channel] = round(sums[channel] / (255 * covered));
  }
  result[at + 3] = round(sums[3] / covered);
}

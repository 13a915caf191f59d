import { MapleError } from '../../layers/errors.js';
import type { Picture } from './picture.js';

/** What a page has of a picture: a chosen or dropped file, a download, an element, a camera's frame. */
export type PagePictureSource = Blob | Exclude<ImageBitmapSource, Blob>;

/**
 * A page's picture as the library takes it: 8-bit red, green and blue, for the `load` of an `Example`. The browser decodes it,
 * in its own size, without a colour profile's conversion; phones' pictures are turned upright as browsers do.
 *
 * ```ts no-run
 * const examples = [...input.files].map((file) => ({ label: 0, name: file.name, load: () => pagePicture(file) }));
 * ```
 *
 * A canvas keeps colours multiplied by their opacity: transparent pixels come back without their colour, and half-transparent
 * ones rounded, where Pillow and the Node reader keep the colour as it is in the file. Opaque pictures are the same.
 * @throws MapleError when the browser cannot decode it, or where there is no canvas (Node: `readPicture`)
 */
export async function pagePicture(source: PagePictureSource): Promise<Picture> {
  if (typeof createImageBitmap !== 'function' || typeof OffscreenCanvas !== 'function') {
    throw new MapleError(
      'pagePicture needs a browser (createImageBitmap and OffscreenCanvas). In Node read files with readPicture of ' +
        'tfjs-maple/node.',
    );
  }
  const bitmap = await createImageBitmap(source, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' }).catch(
    (error: Error) => {
      const name = source instanceof Blob && 'name' in source ? ` ${String(source.name)}` : '';
      throw new MapleError(
        `The picture${name} cannot be decoded: ${error.message} Give a picture that browsers show (PNG, JPEG, WebP, GIF).`,
        { cause: error },
      );
    },
  );
  const { width, height } = bitmap;
  try {
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    if (context === null) {
      throw new MapleError(`No canvas of ${width} x ${height} pixels is to be had: give a smaller picture.`);
    }
    context.drawImage(bitmap, 0, 0);
    return { width, height, data: withoutAlpha(context.getImageData(0, 0, width, height).data) };
  } finally {
    bitmap.close();
  }
}

function withoutAlpha(pixels: Uint8ClampedArray): Uint8Array {
  const data = new Uint8Array((pixels.length / 4) * 3);
  for (let from = 0, to = 0; from < pixels.length; from += 4, to += 3) {
    data[to] = pixels[from];
    data[to + 1] = pixels[from + 1];
    data[to + 2] = pixels[from + 2];
  }
  return data;
}

import sharp from 'sharp';
import type { Picture } from '../data/picture.js';
import type { Html } from './html.js';
import { pictureCards, type PictureCard } from './picture_cards.js';

/** A test picture and what each method said of it. */
export interface Scene extends Omit<PictureCard, 'image'> {
  picture: Picture;
}

/** Test pictures with what each method said. */
export async function sceneStrip(scenes: readonly Scene[]): Promise<Html> {
  const cards = scenes.map(async ({ picture, ...scene }) => ({ ...scene, image: await dataUri(picture) }));
  return pictureCards(await Promise.all(cards));
}

async function dataUri({ width, height, data }: Picture): Promise<string> {
  const png = await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  return `data:image/png;base64,${png.toString('base64')}`;
}

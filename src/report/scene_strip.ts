import sharp from 'sharp';
import type { Picture } from '../data/picture.js';
import { html, type Html } from './html.js';
import { METHOD_TITLES } from './methods.js';
import type { Method } from '../prompting/presets.js';

/** A test picture and what each method said of it. */
export interface Scene {
  picture: Picture;
  /** Its class. */
  truth: string;
  /** Whether its class was trained on. */
  split: 'base' | 'new';
  /** The class each method took it for. */
  said: Partial<Record<Method, string>>;
}

const HEADINGS = { base: 'Base classes (trained on)', new: 'New classes (never trained on)' };

/** Test pictures with what each method said, right and wrong told by sign as well as by colour. */
export async function sceneStrip(scenes: readonly Scene[]): Promise<Html> {
  const groups = (['base', 'new'] as const).map((split) => scenes.filter((scene) => scene.split === split));
  const strips = groups
    .filter((group) => group.length > 0)
    .map(async (group) => {
      const cards = await Promise.all(group.map(sceneCard));
      return html`<h3>${HEADINGS[group[0].split]}</h3>
        <ul class="scenes">
          ${cards}
        </ul>`;
    });
  return html`${await Promise.all(strips)}`;
}

async function sceneCard({ picture, truth, said }: Scene): Promise<Html> {
  const answers = (Object.entries(said) as [Method, string][]).map(([method, answer]) => {
    const right = answer === truth;
    return html`<li class="${right ? 'right' : 'wrong'}">
      <span class="mark" aria-label="${right ? 'right' : 'wrong'}">${right ? '✓' : '✗'}</span>
      <span><b>${METHOD_TITLES[method]}</b>${right ? '' : html` ${answer}`}</span>
    </li> `;
  });
  return html`<li>
    <img src="${await dataUri(picture)}" alt="Test picture of ${truth}" width="96" height="96" />
    <p>${truth}</p>
    <ul>
      ${answers}
    </ul>
  </li> `;
}

async function dataUri({ width, height, data }: Picture): Promise<string> {
  const png = await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  return `data:image/png;base64,${png.toString('base64')}`;
}

import { html, type Html } from './html.js';

/** A test picture and what methods said of it. */
export interface PictureCard {
  /** A data URI. */
  image: string;
  /** Its class. */
  truth: string;
  /** Whether its class was trained on; absent where all were. */
  split?: 'base' | 'new';
  /** What each run is called, and the class it took the picture for. */
  said: readonly (readonly [title: string, className: string])[];
}

const HEADINGS = { base: 'Base classes (trained on)', new: 'New classes (never trained on)' };

/** Test pictures with what each method said, right and wrong told by sign as well as by colour. */
export function pictureCards(cards: readonly PictureCard[]): Html {
  const groups = ([undefined, 'base', 'new'] as const).map((split) => cards.filter((card) => card.split === split));
  return html`${groups
    .filter((group) => group.length > 0)
    .map(
      (group) =>
        html`${group[0].split === undefined ? undefined : html`<h3>${HEADINGS[group[0].split]}</h3>`}
          <ul class="scenes">
            ${group.map(pictureCard)}
          </ul>`,
    )}`;
}

function pictureCard({ image, truth, said }: PictureCard): Html {
  const answers = said.map(([title, className]) => {
    const right = className === truth;
    return html`<li class="${right ? 'right' : 'wrong'}">
      <span class="mark" aria-label="${right ? 'right' : 'wrong'}">${right ? '✓' : '✗'}</span>
      <span><b>${title}</b>${right ? '' : html` ${className}`}</span>
    </li> `;
  });
  return html`<li>
    <img src="${image}" alt="Test picture of ${truth}" width="96" height="96" />
    <p>${truth}</p>
    <ul>
      ${answers}
    </ul>
  </li> `;
}

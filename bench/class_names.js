import { emojiConcepts } from '../dist/src/node/index.js';

/** Names of emoji from the last on; where those do not suffice, each with the name of another before it. */
export function manyClassNames(count) {
  const labels = emojiConcepts()
    .map(({ label }) => label)
    .reverse();
  return Array.from({ length: count }, (_, index) => {
    const round = Math.floor(index / labels.length);
    const label = labels[index % labels.length];
    return round === 0 ? label : `${labels[round - 1]} ${label}`;
  });
}

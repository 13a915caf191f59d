import { listed } from './numbers.js';
import type { Column } from './result_table.js';

/** The backbone of all of the paper's figures. */
const BACKBONE = 'CLIP ViT-B/16';

/** A column of the paper's figures, titled with their backbone, which need not be that of ours. */
export function paperColumn(measure: string): Column {
  return { title: `Paper ${measure} (${BACKBONE})`, published: true };
}

/**
 * What a table's columns of the paper's figures are of, and what ours beside them are of.
 * @param papers - the beginning of the sentence, e.g. `The paper’s average is of its ten data sets`
 * @param samePictures - whether ours are of the same
 */
export function besidePapers(
  papers: string,
  runs: readonly { backbone: { name: string } }[],
  samePictures: boolean,
): string {
  const backbones = listed([...new Set(runs.map(({ backbone }) => shortName(backbone.name)))]);
  const ours = samePictures
    ? `ours with ${backbones}.`
    : `ours are of other pictures, with ${backbones}: only the order of the methods and the gaps between them can be compared.`;
  return `${papers}, with ${BACKBONE}; ${ours}`;
}

/** A hub's name as it is; of a path from the root its last part. */
function shortName(name: string): string {
  return /^([a-z]:)?[\\/]/i.test(name) ? name.replace(/[\\/]+$/, '').replace(/^.*[\\/]/, '') : name;
}

import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { MapleError } from '../../layers/errors.js';
import type { StudyData } from '../study/study_data.js';
import { findPaperDataset, PAPER_DATASETS } from './catalogue.js';
import { checkPaperDataset, paperDataset } from './paper_dataset.js';

/** What {@link paperStudyData} needs. */
export interface PaperStudyOptions {
  /** The folder of all data sets. */
  root: string;
}

const OPTIONS: SettingNames<PaperStudyOptions> = { root: true };

/**
 * The paper's data sets as the data of a study: ImageNet, the source, and the ten others in the tables' order; its four
 * variants as domains. What is not there is missed only when it is asked for.
 */
export function paperStudyData(options: PaperStudyOptions): StudyData {
  checkKnown('paperStudyData', options, OPTIONS);
  const { root } = options;
  const namesOf = (testOnly: boolean) =>
    PAPER_DATASETS.filter((info) => info.testOnly === testOnly).map(({ name }) => name);
  const [datasets, domains] = [namesOf(false), namesOf(true)];
  return {
    name: 'the paper’s data sets',
    datasets,
    source: datasets[0],
    domains,
    load: (name, { seed, shots }) => {
      const info = findPaperDataset(name);
      return paperDataset(info.name, root, info.testOnly ? {} : { seed, shots });
    },
    check: async (names) => {
      const warnings: string[] = [];
      const problems: string[] = [];
      for (const name of names) {
        try {
          warnings.push(...(await checkPaperDataset(name, root)));
        } catch (error) {
          if (!(error instanceof MapleError)) {
            throw error;
          }
          problems.push(`${name}: ${error.message}`);
        }
      }
      if (problems.length > 0) {
        const others = 'Choose those that you have with `--datasets`, or mend the others.';
        throw new MapleError(problems.length === 1 ? problems[0] : `${problems.join('\n')}\n${others}`);
      }
      return warnings;
    },
  };
}

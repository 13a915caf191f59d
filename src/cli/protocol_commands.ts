import type { Command } from 'commander';
import type { BaseToNewRecord, ExperimentRecord } from '../evaluation/record.js';
import { integer } from './options.js';
import { addStudyOptions, list, someOf, type StudyFlags } from './study_options.js';
import { runStudyCommand } from './study_session.js';
import { ABLATIONS, MAPLE_ABLATIONS, type Ablation, type CellChoice } from '../study/cells.js';
import type { OpenStudy } from '../study/study.js';

/** `tfjs-maple base-to-new`. */
export function addBaseToNew(program: Command): void {
  const command = program
    .command('base-to-new')
    .description('the base-to-new protocol: tune on half of the classes, test both halves')
    .addHelpText(
      'after',
      `
Examples:
  tfjs-maple base-to-new --datasets food --seeds 1
  tfjs-maple base-to-new --data paper --root ~/data --backbone openai/clip-vit-base-patch16`,
    );
  addStudyOptions(command, { methods: ['zeroShot', 'coop', 'cocoop', 'maple'] }).action(async (flags: StudyFlags) => {
    const { baseToNewCells } = await import('../study/cells.js');
    const { records } = await runStudyCommand(flags, (study) => baseToNewCells(choice(flags, study)));
    await showBaseToNew(records);
  });
}

/** `tfjs-maple transfer`. */
export function addTransfer(program: Command): void {
  const command = program
    .command('transfer')
    .description('cross-dataset evaluation and domain generalisation: tune on all classes of one source')
    .addHelpText('after', `\nExample:\n  tfjs-maple transfer --methods zeroShot,maple --seeds 1`);
  addStudyOptions(command, { methods: ['zeroShot', 'coop', 'cocoop', 'maple'] }).action(async (flags: StudyFlags) => {
    const { transferCells } = await import('../study/cells.js');
    const { records } = await runStudyCommand(flags, (study) => transferCells(choice(flags, study)));
    await showTables(records);
  });
}

/** `tfjs-maple few-shot`. */
export function addFewShot(program: Command): void {
  const command = program
    .command('few-shot')
    .description('few-shot classification: tune on a few pictures of all classes')
    .addHelpText('after', `\nExample:\n  tfjs-maple few-shot --shots 1,4,16 --datasets food`)
    .option('--shots <numbers>', 'joined by commas', (text) => list(text).map(integer(1)), [1, 2, 4, 8, 16]);
  addStudyOptions(command, { methods: ['zeroShot', 'coop', 'maple'] }).action(
    async ({ shots, ...flags }: StudyFlags & { shots: number[] }) => {
      const { fewShotCells } = await import('../study/cells.js');
      const { records } = await runStudyCommand(flags, (study) => fewShotCells({ ...choice(flags, study), shots }));
      await showTables(records);
    },
  );
}

/** `tfjs-maple ablation`. */
export function addAblation(program: Command): void {
  const command = program
    .command('ablation')
    .description('MaPLe, CoOp or zero-shot with one part of the design varied, base to new')
    .addHelpText('after', `\nExample:\n  tfjs-maple ablation --of depth,length --seeds 1`)
    .option('--of <names>', `some of ${ABLATIONS.join(',')}`, someOf(ABLATIONS), MAPLE_ABLATIONS);
  addStudyOptions(command).action(async ({ of, ...flags }: StudyFlags & { of: Ablation[] }) => {
    const { ablationCells } = await import('../study/cells.js');
    const { records } = await runStudyCommand(flags, (study) =>
      ablationCells({ ...choice(flags, study), config: study.backbone.config, of }),
    );
    await showTables(records);
  });
}

/** `tfjs-maple gallery`. */
export function addGallery(program: Command): void {
  const command = program
    .command('gallery')
    .description('test pictures with what was said of them, and their features, for a report')
    .addHelpText('after', `\nExample:\n  tfjs-maple gallery --datasets food --seeds 1`);
  addStudyOptions(command, { methods: ['zeroShot', 'maple'] }).action(async (flags: StudyFlags) => {
    const { galleryCells } = await import('../study/cells.js');
    await runStudyCommand(flags, (study) => galleryCells(choice(flags, study)));
  });
}

function choice({ methods, seeds, datasets, split }: StudyFlags, { data, recipeOf }: OpenStudy): CellChoice {
  return { data, methods, seeds, datasets, split, recipeOf };
}

async function showBaseToNew(records: readonly ExperimentRecord[]): Promise<void> {
  const { studyTable } = await import('../report/study_table.js');
  console.log(studyTable(records as BaseToNewRecord[]));
}

async function showTables(records: readonly ExperimentRecord[]): Promise<void> {
  const [{ studyTables }, { markdownTable }] = await Promise.all([
    import('../report/study_tables.js'),
    import('../report/markdown_table.js'),
  ]);
  console.log(
    studyTables(records)
      .map((table) => `${table.title}\n\n${markdownTable(table)}`)
      .join('\n\n'),
  );
}

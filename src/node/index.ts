/**
 * What needs Node: backends, files, pictures, Emoji World. Importing it brings a `file://` handler, so that
 * `model.save` and `tf.loadLayersModel` work without tfjs-node.
 *
 * @packageDocumentation
 */
import { registerFileHandler } from './file_handler.js';

export * from '../index.js';

// Backends
export { chooseBackend, type BackendName, type ChosenBackend } from './backend.js';
export { runEnvironment } from './environment.js';

// Files
export { fileHandler, registerFileHandler } from './file_handler.js';
export { fileSource } from './file_source.js';
export type { BackboneFolderArgs } from './backbone_folder.js';
export type { HubArgs } from './hub.js';
export { loadBackbone, type LoadBackboneArgs } from './load_backbone.js';
export { findModel, type FoundModel } from './find_model.js';
export { loadClassifier } from './load_classifier.js';
export { saveBackbone, type SaveBackboneArgs } from './save_backbone.js';
export { convert, type ConvertArgs, type Converted, type Form } from './convert.js';
export { inspect, type Inspection, type TensorEntry } from './inspect.js';
export {
  loadOfficialPrompts,
  openOfficialPrompts,
  saveOfficialPrompts,
  writeOfficialPrompts,
  type LoadOfficialPromptsArgs,
  type SavedOfficialPrompts,
} from './official_checkpoint.js';
export { applyPrompts, loadPrompts, savePrompts } from './prompt_folder.js';
export { loadClipTokenizer } from './clip_tokenizer.js';
export { loadSentenceEncoder } from './load_sentence_encoder.js';
export { loadSentenceTower, saveSentenceTower } from './sentence_tower_folder.js';

// Pictures
export {
  classifyPictures,
  classifyStream,
  type Answer,
  type Classification,
  type ClassifiedPicture,
  type ClassifyOptions,
  type ClassifyStreamOptions,
} from './classify_pictures.js';
export { readImageFolder, type ImageFolder, type Skipped } from './image_folder.js';
export { findPictures, type FindPicturesOptions } from './find_pictures.js';
export type { PictureCheck } from './check_pictures.js';
export { openPictureLoader, type PictureLoaderOptions } from './picture_loader.js';
export { readPictureData, type PictureData, type PictureDataOptions } from './picture_data.js';
export { listPictures, PIXEL_LIMIT, readPicture, type ReadPictureOptions } from './pictures.js';

// Training
export { trainClassifier, type TrainClassifierArgs, type TrainedClassifier } from './train_classifier.js';
export { readCheckpoint, writeCheckpoint } from './training_checkpoint.js';

// Progress
export { progressBar, type ProgressBar, type ProgressBarArgs, type ProgressFields } from './progress.js';
export { TrainingProgress } from './training_progress.js';

// Emoji World
export { emojiConcepts, EMOJI_GROUPS, type Concept, type EmojiGroup } from '../emoji_world/concepts.js';
export { runDemo, type DemoOptions, type DemoResult } from '../emoji_world/demo.js';
export { distinctConcepts } from '../emoji_world/distinct_concepts.js';
export {
  chooseConcepts,
  emojiDataset,
  emojiGroups,
  type EmojiDatasetOptions,
  type EmojiGroupSize,
} from '../emoji_world/datasets.js';
export type { Drawing } from '../emoji_world/drawing.js';
export type { SceneChoice } from '../emoji_world/scene_dataset.js';
export type { SceneOptions } from '../emoji_world/scenes.js';
export { pretrain, type CurveLine, type Pretrained, type PretrainOptions } from '../emoji_world/pretrain.js';
export {
  emojiClipConfig,
  emojiSiglipConfig,
  emojiSiglipTokenizer,
  emojiTokenizer,
  type TinyArchitecture,
} from '../emoji_world/tiny_models.js';
export { emojiRecipe, emojiTransferRecipe } from '../emoji_world/recipes.js';
export { EMOJI_STUDY_SETS, STUDY_SOURCE, studyClasses, type EmojiStudySet } from '../emoji_world/study_classes.js';
export { emojiCaptionPairs, type CaptionPairOptions } from '../emoji_world/caption_pairs.js';
export { writeSentenceEncoder, type SentenceEncoderOptions } from '../emoji_world/sentence_encoder.js';
export { emojiStudyData, type EmojiStudyOptions } from '../emoji_world/study_data.js';
export { EMOJI_STUDY_DOMAINS, type EmojiStudyDomain } from '../emoji_world/study_domains.js';
export { EMOJI_STYLES, findStyle, stylesInRole, type EmojiStyle, type StyleRole } from '../emoji_world/styles.js';

// The paper's data sets
export {
  findPaperDataset,
  PAPER_DATASETS,
  type PaperDatasetInfo,
  type PaperDatasetName,
  type PaperLayout,
} from '../datasets/catalogue.js';
export { fewShotDraw, type FewShotDrawArgs } from '../datasets/few_shot_draw.js';
export { paperDataset, type PaperDatasetOptions } from '../datasets/paper_dataset.js';
export { paperStudyData, type PaperStudyOptions } from '../datasets/paper_study_data.js';
export { PythonRandom } from '../datasets/python_random.js';

// Studies
export { studyCell, type CellDescription, type StudyCell } from '../study/cell.js';
export {
  ABLATIONS,
  ablationCells,
  baseToNewCells,
  FEW_SHOTS,
  fewShotCells,
  galleryCells,
  transferCells,
  type Ablation,
  type CellChoice,
} from '../study/cells.js';
export { cellPool, type CellPool, type CellPoolArgs } from '../study/cell_pool.js';
export type { WorkerSetup } from '../study/cell_worker.js';
export type { RecordFolder } from '../study/record_files.js';
export { runCell, type StudyContext } from '../study/run_cell.js';
export { runCells, type RunCellsArgs } from '../study/run_cells.js';
export { openStudy, runStudy, type OpenStudy, type RunStudyArgs } from '../study/study.js';
export type { Protocol, RecipeOf, StudyData, StudyModule, StudyOptions } from '../study/study_data.js';

// Reports
export { csvRecords, csvTables } from '../report/csv.js';
export { markdownTable, markdownTables } from '../report/markdown_table.js';
export { readRecords, type ReadRecords } from '../report/read_records.js';
export { renderReport, type ReportOptions } from '../report/report.js';
export type { Column, ResultRow, ResultTable } from '../report/result_table.js';
export type { Scene } from '../report/scene_strip.js';
export { studyTable } from '../report/study_table.js';
export { studyTables } from '../report/study_tables.js';
export { resultsTable, terminalTable } from '../report/terminal_table.js';

registerFileHandler();

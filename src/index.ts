/**
 * MaPLe, multi-modal prompt learning, for TensorFlow.js: build a prompt-tuned CLIP classifier as one tf.LayersModel,
 * tune it on a few pictures a class, test it, swap its class names, fold it to its image tower.
 *
 * Imports no Node module: this entry runs in a browser. Files, pictures and backends of Node are in `tfjs-maple/node`.
 *
 * @packageDocumentation
 */

// Layers, as a namespace of factories like tf.layers
export * as layers from '../layers/index.js';
export { MapleError } from '../layers/errors.js';

// Browsers
export { speedUpWasm } from './wasm/speed_up_wasm.js';

// CLIP models
export type {
  Backbone,
  CommonBackbone,
  SentenceBackbone,
  SentenceEncoder,
  TextTokenizer,
  TokenBackbone,
  WeightSource,
  WeightValues,
} from './backbone/backbone.js';
export type {
  BlockMemory,
  ImageTowerFacts,
  PromptHook,
  TextStream,
  TextTowerFacts,
  TowerContext,
  Towers,
  TowersConfig,
} from './backbone/contract.js';
export type { LayerSource } from './backbone/layer_source.js';
export { buildClip, type ClipModelOptions } from './clip/build_clip.js';
export {
  buildTowers,
  loadTowers,
  readTowers,
  towerVariables,
  type ClipTowers,
  type OwnTowersConfig,
} from './clip/build_towers.js';
export { idTensor, textIds } from './clip/text_ids.js';
export { clipConfigs } from './clip/clip_configs.js';
export { siglipConfigs } from './clip/siglip_configs.js';
export { SIGLIP_FORM } from './clip/siglip_form.js';
export type { TransformerBackbone } from './clip/transformer_backbone.js';
export { transformerTowers } from './clip/transformer_towers.js';
export { publishedBackbones, type PublishedBackbone } from './published/published_backbones.js';
export type { PublishedArchitecture } from './published/published_architectures.js';
export {
  CLIP_IMAGE_STATISTICS,
  SIGLIP_IMAGE_STATISTICS,
  validateClipConfig,
  type ClipConfig,
  type ImageStatistics,
  type TextConfig,
  type TowerConfig,
  type VisionConfig,
} from './clip/config.js';
export { foldClassifier } from './clip/fold_classifier.js';
export { classNamesOf, modelMetadata, type ModelMetadata } from './backbone/model_metadata.js';
export { swapClassNames } from './clip/swap_class_names.js';
export { SiglipTokenizer } from './tokenizers/siglip_tokenizer.js';
export { openClipSiglipTokenizer } from './weights/open_clip_cleaning.js';
export type { StoredTokenizer } from './tokenizers/stored_tokenizer.js';
export { ClipTokenizer } from './tokenizers/clip_tokenizer.js';
export type { TokenizerJson } from './tokenizers/clip_tokenizer_json.js';
export { pruneTokenizer } from './tokenizers/clip_tokenizer_pruning.js';

// Sentence encoders as text towers
export { alignTextTower, type AlignTextTowerArgs, type CaptionedPicture } from './sentences/align_text_tower.js';
export type { Descriptions } from './sentences/class_sentences.js';
export type { ImageFeaturesOptions } from './sentences/image_features.js';
export { sentenceBackbone, type AlignedMap, type SentenceBackboneArgs } from './sentences/sentence_backbone.js';
export {
  openSentenceTower,
  sentenceTowerFiles,
  type SentenceTowerFiles,
  type SentenceTowerSource,
} from './sentences/sentence_tower_files.js';
export type { TrainMapSettings } from './sentences/train_map.js';

// Prompts
export { DEFAULT_PREFIX, validateDesign, type PromptDesign } from './prompting/design.js';
export { METHODS, methodsFor, promptDesign, type DesignOptions, type Method } from './prompting/presets.js';
export { clipTemplates } from './prompting/templates.js';
export { trainedParameters } from './prompting/trained_parameters.js';

// Weights
export {
  readOfficialCheckpoint,
  type OfficialCheckpoint,
  type OfficialCheckpointArgs,
} from './weights/official_checkpoint.js';
export type { OfficialTexts } from './weights/official_design.js';
export { describeOfficialCheckpoint, type OfficialSummary } from './weights/official_summary.js';
export { officialTensors, type OfficialTensors } from './weights/official_tensors.js';
export { blobSource, memorySource, type ByteSource } from './weights/byte_source.js';
export { canonicalShapes } from './weights/canonical.js';
export { mapWeights, type KeyRow, type KeyScheme } from './weights/key_map.js';
export type { Layout } from './weights/layouts.js';
export { openClip, type ClipBackbone, type OpenClipArgs } from './weights/open_clip.js';
export { openTensors } from './weights/open_tensors.js';
export { statisticsFromPreprocessor } from './weights/preprocessor_config.js';
export {
  applyPromptFiles,
  loadPromptFiles,
  promptFiles,
  type LoadPromptsOptions,
  type PromptFiles,
  type PromptFilesSource,
} from './weights/prompt_files.js';
export { randomWeights } from './weights/random_weights.js';
export { openSafetensors, type SafetensorsFile } from './weights/safetensors.js';
export type { TensorFile } from './weights/tensor_file.js';
export { openTorch } from './weights/torch/open_torch.js';
export type { TorchFact, TorchFile } from './weights/torch/torch_file.js';
export { writeTorch } from './weights/torch/write_torch.js';
export { encodeSafetensors, type StoredDtype, type TensorToWrite } from './weights/safetensors_writer.js';

// Data
export { augment, type AugmentOptions } from './data/augment.js';
export { splitClasses, type ClassSplit } from './data/class_split.js';
export type { Example, ImageDataset } from './data/dataset.js';
export { fewShots } from './data/few_shot.js';
export { holdOut, type HeldOutShares, type Splittable } from './data/hold_out.js';
export type { Orientation, Picture } from './data/picture.js';
export type { PictureLoader } from './data/picture_loader.js';
export { transformPicture, type PictureTransform } from './data/picture_transform.js';
export { testTransform, toFloat } from './data/preprocess.js';
export { pagePicture, type PagePictureSource } from './data/page_picture.js';
export { preprocessTensor, type PixelData } from './data/preprocess_tensor.js';
export { resize, type Box } from './data/resize.js';

// Training
export { adamW, AdamW, type AdamWArgs } from './training/adamw.js';
export {
  pictureBatches,
  PictureBatches,
  type PictureBatch,
  type PictureBatchesArgs,
  type PictureBatchIterator,
} from './training/batches.js';
export { contrastiveLoss, contrastiveStep, pairwiseSigmoidLoss } from './training/contrastive.js';
export { registerConvolutionGradient } from './training/convolution_gradient.js';
export type { EpochRecord } from './training/epoch_record.js';
export { NanGuard } from './training/nan_guard.js';
export { recipes, validateRecipe, type Augmentation, type LossName, type Recipe } from './training/recipe.js';
export { learningRateAt, LearningRateSchedule, type ScheduleSettings } from './training/schedule.js';
export { promptSgd, PromptSgd, type PromptSgdArgs } from './training/sgd.js';
export {
  type NamedValues,
  type PartialEpoch,
  type TrainingSettings,
  type TrainingState,
} from './training/training_state.js';
export { decodeTrainingState, encodeTrainingState } from './training/training_state_file.js';
export { crossEntropy, sigmoidLoss } from './training/losses.js';
export type { TrainingCallback, TuningCallbacks } from './training/callbacks.js';
export { tunePrompts, type TunePromptsArgs } from './training/tune_prompts.js';
export { Random } from './random.js';

// Classifiers on features
export { fitHead, type FitHeadArgs } from './heads/fit_head.js';
export {
  classTexts,
  pictureFeatures,
  type ClassTexts,
  type PictureFeatures,
  type PictureFeaturesOptions,
} from './heads/features.js';
export type { FitArgs } from './heads/fit_args.js';
export { HEADS, type CacheHead, type Head, type HeadKind, type HeadSettings, type ProbeHead } from './heads/head.js';
export { headLogits } from './heads/head_logits.js';
export { fitLpPlusPlus } from './heads/lp_plus_plus.js';
export { fitTipAdapter } from './heads/tip_adapter.js';
export { fitTipAdapterF, type FitTipAdapterFArgs } from './heads/tip_adapter_f.js';
export { withHead } from './heads/with_head.js';

// Evaluation
export { measureComplexity, type MeasureComplexityArgs } from './evaluation/complexity.js';
export { clipParameters, countFlops, type FlopsOptions, type ForwardFlops } from './evaluation/flops.js';
export { runBaseToNew, type BaseToNewArgs, type BaseToNewRun } from './evaluation/base_to_new.js';
export { evaluateClassifier, type EvaluateOptions } from './evaluation/evaluate.js';
export {
  evaluateData,
  type DataEvaluation,
  type EvaluateDataOptions,
  type LabelledExamples,
} from './evaluation/evaluate_data.js';
export type { LoadablePicture } from './evaluation/picture_outputs.js';
export { matchClassNames, type MatchedClasses } from './evaluation/match_class_names.js';
export { predictExamples, type Loadable, type Prediction, type PredictOptions } from './evaluation/predict_examples.js';
export { zeroShotClassifier, type ZeroShotOptions } from './evaluation/zero_shot.js';
export { runFewShot } from './evaluation/few_shot.js';
export { runGallery, type GalleryArgs } from './evaluation/gallery.js';
export { runTransfer, type TransferArgs, type TransferTo } from './evaluation/transfer.js';
export type { ProtocolRun, RunArgs } from './evaluation/tuned_run.js';
export {
  accuracy,
  confusionMatrix,
  harmonicMean,
  macroF1,
  meanAndDeviation,
  perClassAccuracy,
  shareInterval,
  type Labels,
} from './evaluation/metrics.js';
export type {
  AnyRecord,
  BaseToNewRecord,
  ComplexityRecord,
  ExperimentRecord,
  FewShotRecord,
  GalleryRecord,
  GallerySplit,
  MethodComplexity,
  RunEnvironment,
  RunRecord,
  SplitMetrics,
  Timing,
  TransferRecord,
  TransferTarget,
} from './evaluation/record.js';

export { VERSION } from './version.js';

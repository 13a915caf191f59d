import { describe, expect, it } from '@jest/globals';
import { MapleError } from '../../layers/errors.js';
import * as maple from '../../src/node/index.js';

/** A setting that nothing has, the way a JavaScript program would pass one. */
type Call = (wrong: never) => unknown;

const nothing = undefined as never;

/** Every public function that takes settings by name; what it is told beside them is not looked at first. */
const CALLS: Record<string, Call> = {
  adamW: (wrong) => maple.adamW(wrong),
  alignTextTower: (wrong) => maple.alignTextTower(wrong),
  applyPrompts: (wrong) => maple.applyPromptFiles(nothing, nothing, wrong),
  augment: (wrong) => maple.augment(nothing, nothing, wrong),
  buildClip: (wrong) => maple.buildClip(nothing, wrong),
  cellPool: (wrong) => maple.cellPool(wrong),
  classifyPictures: (wrong) => maple.classifyPictures(nothing, [], wrong),
  classifyStream: (wrong) => maple.classifyStream(nothing, [], wrong).next(),
  convert: (wrong) => maple.convert('from', 'to', wrong),
  countFlops: (wrong) => maple.countFlops(nothing, nothing, wrong),
  emojiCaptionPairs: (wrong) => maple.emojiCaptionPairs(wrong),
  emojiDataset: (wrong) => maple.emojiDataset(wrong),
  emojiStudyData: (wrong) => maple.emojiStudyData(wrong),
  evaluateClassifier: (wrong) => maple.evaluateClassifier(nothing, [], wrong),
  evaluateData: (wrong) => maple.evaluateData(nothing, { classNames: [], examples: [] }, wrong),
  fewShotCells: (wrong) => maple.fewShotCells(wrong),
  fewShotDraw: (wrong) => maple.fewShotDraw(wrong),
  findPictures: (wrong) => maple.findPictures([], wrong),
  fitHead: (wrong) => maple.fitHead('lpPlusPlus', wrong),
  fitLpPlusPlus: (wrong) => maple.fitLpPlusPlus(wrong),
  fitTipAdapter: (wrong) => maple.fitTipAdapter(wrong),
  fitTipAdapterF: (wrong) => maple.fitTipAdapterF(wrong),
  galleryCells: (wrong) => maple.galleryCells(wrong),
  ablationCells: (wrong) => maple.ablationCells(wrong),
  baseToNewCells: (wrong) => maple.baseToNewCells(wrong),
  transferCells: (wrong) => maple.transferCells(wrong),
  holdOut: (wrong) => maple.holdOut([], wrong, 1),
  loadBackbone: (wrong) => maple.loadBackbone('folder', wrong),
  loadOfficialPrompts: (wrong) => maple.loadOfficialPrompts('file', wrong),
  loadPrompts: (wrong) => maple.loadPromptFiles(nothing, nothing, wrong),
  measureComplexity: (wrong) => maple.measureComplexity(wrong),
  openClip: (wrong) => maple.openClip(wrong),
  openOfficialPrompts: (wrong) => maple.openOfficialPrompts('file', wrong),
  openPictureLoader: (wrong) => maple.openPictureLoader(wrong),
  paperDataset: (wrong) => maple.paperDataset('Oxford Pets', 'root', wrong),
  paperStudyData: (wrong) => maple.paperStudyData(wrong),
  pictureBatches: (wrong) => maple.pictureBatches(wrong),
  pictureFeatures: (wrong) => maple.pictureFeatures(nothing, [], wrong),
  predictExamples: (wrong) => maple.predictExamples(nothing, [], wrong).next(),
  pretrain: (wrong) => maple.pretrain(wrong),
  progressBar: (wrong) => maple.progressBar(wrong),
  promptDesign: (wrong) => maple.promptDesign('maple', nothing, wrong),
  promptSgd: (wrong) => maple.promptSgd(wrong),
  readImageFolder: (wrong) => maple.readImageFolder('folder', wrong),
  readOfficialCheckpoint: (wrong) => maple.readOfficialCheckpoint(nothing, wrong),
  readPicture: (wrong) => maple.readPicture('file', wrong),
  readPictureData: (wrong) => maple.readPictureData('folder', wrong),
  renderReport: (wrong) => maple.renderReport([], wrong),
  runBaseToNew: (wrong) => maple.runBaseToNew(wrong),
  runCells: (wrong) => maple.runCells(wrong),
  runDemo: (wrong) => maple.runDemo(wrong),
  runFewShot: (wrong) => maple.runFewShot(wrong),
  runGallery: (wrong) => maple.runGallery(wrong),
  runStudy: (wrong) => maple.runStudy(wrong),
  runTransfer: (wrong) => maple.runTransfer(wrong),
  saveBackbone: (wrong) => maple.saveBackbone('folder', wrong),
  saveOfficialPrompts: (wrong) => maple.writeOfficialPrompts(nothing, 'file', wrong),
  sentenceBackbone: (wrong) => maple.sentenceBackbone(wrong),
  studyCell: (wrong) => maple.studyCell(wrong),
  swapClassNames: (wrong) => maple.swapClassNames(nothing, nothing, [], wrong),
  trainClassifier: (wrong) => maple.trainClassifier(wrong),
  tunePrompts: (wrong) => maple.tunePrompts(wrong),
  validateDesign: (wrong) => maple.validateDesign(wrong, nothing),
  validateRecipe: (wrong) => maple.validateRecipe(wrong),
  writeSentenceEncoder: (wrong) => maple.writeSentenceEncoder('folder', wrong),
  zeroShotClassifier: (wrong) => maple.zeroShotClassifier(nothing, [], wrong),
};

/** The other functions: they take data and places, or the settings of another that checks them. */
const NO_SETTINGS =
  'accuracy blobSource buildTowers canonicalShapes chooseBackend chooseConcepts classNamesOf classTexts ' +
  'clipParameters confusionMatrix contrastiveLoss contrastiveStep crossEntropy csvRecords csvTables ' +
  'decodeTrainingState describeOfficialCheckpoint distinctConcepts emojiClipConfig emojiConcepts emojiGroups ' +
  'emojiRecipe emojiSiglipConfig emojiSiglipTokenizer emojiTokenizer emojiTransferRecipe encodeSafetensors ' +
  'encodeTrainingState fewShots fileHandler fileSource findModel findPaperDataset findStyle foldClassifier ' +
  'harmonicMean headLogits idTensor inspect learningRateAt listPictures loadClassifier loadClipTokenizer ' +
  'loadSentenceEncoder loadSentenceTower loadTowers macroF1 mapWeights markdownTable markdownTables ' +
  'matchClassNames meanAndDeviation memorySource methodsFor modelMetadata officialTensors ' +
  'openClipSiglipTokenizer openSafetensors openSentenceTower openStudy openTensors openTorch pagePicture ' +
  'pairwiseSigmoidLoss perClassAccuracy preprocessTensor promptFiles pruneTokenizer randomWeights ' +
  'readCheckpoint readRecords readTowers registerConvolutionGradient registerFileHandler resize resultsTable ' +
  'runCell runEnvironment savePrompts saveSentenceTower sentenceTowerFiles shareInterval sigmoidLoss ' +
  'speedUpWasm splitClasses statisticsFromPreprocessor studyClasses studyTable studyTables stylesInRole ' +
  'terminalTable testTransform textIds toFloat towerVariables trainedParameters transformPicture ' +
  'transformerTowers validateClipConfig withHead writeCheckpoint writeTorch';

/** What a message calls settings that are a thing of their own. */
const OWN_TITLES: Record<string, string> = {
  holdOut: '`split`',
  validateDesign: 'The prompt design',
  validateRecipe: 'The recipe',
};

const wrong = { bogus: 1 } as never;

describe('a setting that nothing reads is refused by name', () => {
  it.each(Object.entries(CALLS))('%s', async (name, call) => {
    const told = Promise.resolve().then(() => call(wrong));
    await expect(told).rejects.toThrow(MapleError);
    await expect(told).rejects.toThrow(/^.+ has no setting `bogus`\. Known are \w+/);
    await expect(told).rejects.toThrow(OWN_TITLES[name] ?? name);
  });

  it('holds for every exported function', () => {
    const functions = Object.entries(maple).flatMap(([name, value]) =>
      typeof value === 'function' && /^[a-z]/.test(name) ? [name] : [],
    );
    // Named beside the function that checks for them.
    const same = ['applyPromptFiles', 'loadPromptFiles', 'writeOfficialPrompts'];
    const told = [...Object.keys(CALLS), ...same, ...NO_SETTINGS.split(' ')];
    expect(functions.sort()).toEqual(told.sort());
  });
});

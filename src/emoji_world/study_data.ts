import { checkKnown, shown, type SettingNames } from '../../layers/known_names.js';
import { MapleError } from '../../layers/errors.js';
import type { ImageDataset } from '../data/dataset.js';
import type { StudyData } from '../study/study_data.js';
import type { Concept } from './concepts.js';
import { CAPTION_TEMPLATES } from './captions.js';
import type { Drawings } from './drawing.js';
import { loadDrawings, type LoadDrawingsOptions } from './drawings.js';
import { styleIcons } from './icons.js';
import { sceneDataset } from './scene_dataset.js';
import { STUDY_SOURCE, studyClasses } from './study_classes.js';
import { EMOJI_STUDY_DOMAINS, repaintAll, type EmojiStudyDomain } from './study_domains.js';
import { findStyle } from './styles.js';

/** What {@link emojiStudyData} can be told. */
export interface EmojiStudyOptions {
  /** Whose drawings are tuned and tested on. Default: `noto`; settings are chosen on `fluent-emoji-flat`. */
  style?: string;
  /** Validation scenes a class; default 4. Take 20 to choose settings: chosen on few, they are chosen by chance. */
  validationScenes?: number;
  /** Test scenes a class; default 20. */
  testScenes?: number;
  /** Where rendered drawings are kept; null: nowhere. Default: MAPLE_CACHE, or the user's cache folder. */
  cacheFolder?: LoadDrawingsOptions['cacheFolder'];
  /** Called as drawings get ready, with how many of how many are. */
  onProgress?: LoadDrawingsOptions['onProgress'];
}

const OPTIONS: SettingNames<EmojiStudyOptions> = {
  style: true,
  validationScenes: true,
  testScenes: true,
  cacheFolder: true,
  onProgress: true,
};

/** The style whose figures are reported, and which data sets are therefore not named after. */
const REPORTED_STYLE = 'noto';

/**
 * Emoji World as the data of a study: the source `all` and ten other data sets of 40 classes, and other looks of the
 * source. Which classes they have is the same for every style; with a style other than noto, the domains are those
 * that are made from the style's own drawings (`monochrome`, `corrupted`).
 *
 * ```ts
 * const data = emojiStudyData();
 * const mammals = await data.load('mammals', { seed: 1, shots: 16 });
 * console.log(mammals.classNames.length, mammals.train.length); // 40 640
 * ```
 *
 * @throws MapleError for an unknown style, or one that lacks drawings of some classes
 */
export function emojiStudyData(options: EmojiStudyOptions = {}): StudyData {
  checkKnown('emojiStudyData', options, OPTIONS);
  const { style = REPORTED_STYLE, validationScenes, testScenes, cacheFolder, onProgress } = options;
  const classes = studyClasses();
  mustDraw(style, [...classes.values()].flat());
  const domains = EMOJI_STUDY_DOMAINS.filter((domain) => style === REPORTED_STYLE || domain.style === undefined);
  const drawings = new Map<string, Promise<Drawings>>();
  const kept = new Map<string, Promise<ImageDataset>>();

  const recordedAs = (name: string): string => (style === REPORTED_STYLE ? name : `${name} (${style})`);

  const make = async (
    name: string,
    concepts: readonly Concept[],
    domain: Partial<EmojiStudyDomain>,
    run: { seed: number; shots: number },
  ): Promise<ImageDataset> => {
    const drawnBy = domain.style ?? style;
    const drawn = await once(drawings, `${drawnBy}/${domain.name === undefined ? name : STUDY_SOURCE}`, () =>
      loadDrawings(drawnBy, { concepts, cacheFolder, onProgress }),
    );
    const dataset = sceneDataset({
      name: recordedAs(name),
      concepts,
      drawings: domain.repaint ? repaintAll(drawn, domain.repaint) : drawn,
      style: drawnBy,
      origin: domain.name,
      ...run,
      validationShots: validationScenes,
      testScenes,
    });
    return domain.spoil ? domain.spoil(dataset) : dataset;
  };

  const load: StudyData['load'] = async (name, run) => {
    const domain: Partial<EmojiStudyDomain> = domains.find((candidate) => candidate.name === name) ?? {};
    const concepts = classes.get(domain.name === undefined ? name : STUDY_SOURCE);
    if (concepts === undefined) {
      const known = [...classes.keys(), ...domains.map((candidate) => candidate.name)].join(', ');
      throw new MapleError(`The data sets are ${known}. Received: ${shown(name)}.`);
    }
    const making = () => make(name, concepts, domain, run);
    // Spoilt pictures are made once: every method asks for the domain again.
    return domain.spoil ? once(kept, `${name}/${run.seed}/${run.shots}`, making) : making();
  };

  return {
    name: `Emoji World, ${style}`,
    datasets: [...classes.keys()],
    source: STUDY_SOURCE,
    domains: domains.map(({ name }) => name),
    templates: CAPTION_TEMPLATES,
    load,
    recordedAs,
  };
}

function mustDraw(style: string, concepts: readonly Concept[]): void {
  const icons = styleIcons(findStyle(style));
  const missing = concepts.filter(({ id }) => !icons.has(id)).map(({ label }) => label);
  if (missing.length > 0) {
    throw new MapleError(
      `\`style\` must be one that draws all classes of the study, as noto and fluent-emoji-flat do. ` +
        `Received: ${style}, which lacks ${missing.length}, e.g. ${missing[0]}.`,
    );
  }
}

/** The value kept under `key`, made when first asked for. */
function once<T>(kept: Map<string, T>, key: string, make: () => T): T {
  const value = kept.get(key) ?? make();
  kept.set(key, value);
  return value;
}

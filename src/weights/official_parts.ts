import type { WeightValues } from '../backbone/backbone.js';
import { isOfficialPrompt } from './official_prompts.js';
import type { TensorFile } from './tensor_file.js';

/** The tensors of a checkpoint of the official code, told apart by their names. */
export interface OfficialParts {
  /** What was trained, under the names that it has in a whole model. */
  prompts: TensorFile;
  /** The frozen CLIP: `image_encoder.*`, `text_encoder.*`, `logit_scale`. MaPLe, IVLP and VPT save it too. */
  clip: TensorFile | undefined;
  /**
   * Token embeddings of the texts it was tuned on: start token [classes, 1, d], what follows the prompt vectors
   * [classes, rest, d].
   */
  texts: { prefix: string; suffix: string } | undefined;
  /** Names that are none of these. */
  unexpected: string[];
}

const PREFIX = 'prompt_learner.token_prefix';
const SUFFIX = 'prompt_learner.token_suffix';

/** Whether a file holds prompts of the official code. */
export function isOfficialCheckpoint(file: Pick<TensorFile, 'names'>): boolean {
  return file.names.some((name) => isOfficialPrompt(wholeName(name)));
}

/** Tells the tensors of a checkpoint apart. */
export function officialParts(file: TensorFile): OfficialParts {
  const prompts = new Map<string, string>();
  const clip = new Map<string, string>();
  const buffers = new Map<string, string>();
  const unexpected: string[] = [];
  for (const name of file.names) {
    const whole = wholeName(name);
    if (isOfficialPrompt(whole)) {
      prompts.set(whole, name);
    } else if (whole === PREFIX || whole === SUFFIX) {
      buffers.set(whole, name);
    } else if (/^(image_encoder|text_encoder)\.|^logit_scale$/.test(name)) {
      clip.set(name, name);
    } else {
      unexpected.push(name);
    }
  }
  const [prefix, suffix] = [buffers.get(PREFIX), buffers.get(SUFFIX)];
  return {
    prompts: renamed(file, prompts),
    clip: clip.size === 0 ? undefined : renamed(file, clip),
    texts: prefix !== undefined && suffix !== undefined ? { prefix, suffix } : undefined,
    unexpected,
  };
}

/**
 * Some tensors of a file under other names.
 * @param names - the file's name of each, by the new one
 */
export function renamed(file: TensorFile, names: ReadonlyMap<string, string>): TensorFile {
  const own = (name: string): string => names.get(name) ?? name;
  return {
    name: file.name,
    names: [...names.keys()],
    dtype: (name) => file.dtype(own(name)),
    shape: (name) => file.shape(own(name)),
    read: (name): Promise<WeightValues> => file.read(own(name)),
  };
}

/** CoOp and CoCoOp save their prompt learner alone, whose names begin within it: `ctx`, `meta_net.linear1.weight`. */
function wholeName(name: string): string {
  return /^(ctx$|meta_net\.|token_prefix$|token_suffix$)/.test(name) ? `prompt_learner.${name}` : name;
}

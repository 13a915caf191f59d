import { readFile } from 'node:fs/promises';
import { MapleError } from '../../layers/errors.js';
import { SiglipTokenizer } from '../tokenizers/siglip_tokenizer.js';
import type { StoredTokenizer } from '../tokenizers/stored_tokenizer.js';
import { ClipTokenizer } from '../tokenizers/clip_tokenizer.js';
import { foreignTokenizer, isOpenClipConfig } from '../weights/clip_config_open_clip.js';
import { openClipSiglipTokenizer } from '../weights/open_clip_cleaning.js';
import { configFromJson } from '../weights/open_clip.js';
import type { BackboneFiles } from './backbone_files.js';
import { loadClipTokenizer } from './clip_tokenizer.js';
import { readJsonObject } from './json_file.js';
import { namingFile } from './naming_file.js';

/**
 * The tokeniser of a backbone's folder: CLIP's, or SigLIP's where texts have no start token.
 * @throws MapleError naming the file that is missing or cannot be used
 */
export async function findTokenizer(files: BackboneFiles, configJson: object): Promise<StoredTokenizer> {
  if (configFromJson(configJson).text.startToken === false) {
    return findSiglipTokenizer(files, configJson);
  }
  if (files.names.has('tokenizer.json')) {
    const path = await files.path('tokenizer.json');
    const json = await readJsonObject(path);
    return namingFile(path, () => ClipTokenizer.fromJson(json));
  }
  if (files.names.has('vocab.json') && files.names.has('merges.txt')) {
    const path = await files.path('vocab.json');
    const vocabulary = (await readJsonObject(path)) as Record<string, number>;
    const merges = await readFile(await files.path('merges.txt'), 'utf8');
    return namingFile(`${path} with merges.txt`, () => ClipTokenizer.fromVocabularyAndMerges(vocabulary, merges));
  }
  if (isOpenClipConfig(configJson)) {
    const foreign = foreignTokenizer(configJson);
    if (foreign === undefined) {
      return loadClipTokenizer();
    }
    throw new MapleError(
      `${files.name} must hold tokenizer.json, since open_clip_config.json asks for another tokeniser than CLIP's ` +
        `(${foreign}). ${files.remedy}`,
    );
  }
  throw new MapleError(
    `${files.name} must hold tokenizer.json, or vocab.json and merges.txt, or a tokeniser must be given: ` +
      "`loadBackbone(folder, { tokenizer: await loadClipTokenizer() })` takes CLIP's own.",
  );
}

/** The tokeniser of texts without a start token. */
async function findSiglipTokenizer(files: BackboneFiles, configJson: object): Promise<StoredTokenizer> {
  const configFile = 'tokenizer_config.json';
  const config = files.names.has(configFile) ? await readJsonObject(await files.path(configFile)) : {};
  if (files.names.has('tokenizer.json')) {
    const path = await files.path('tokenizer.json');
    const json = await readJsonObject(path);
    return namingFile(path, () =>
      isOpenClipConfig(configJson)
        ? openClipSiglipTokenizer(json, config, configJson)
        : SiglipTokenizer.fromJson(json, config),
    );
  }
  if (files.names.has('spiece.model')) {
    const path = await files.path('spiece.model');
    const bytes = await readFile(path);
    return namingFile(path, () => SiglipTokenizer.fromSentencePiece(bytes, config));
  }
  throw new MapleError(
    `${files.name} must hold tokenizer.json or spiece.model, SigLIP's tokeniser, or a tokeniser must be given ` +
      `(\`tokenizer\`). ${files.remedy}`,
  );
}

import { METHODS } from '../../../src/prompting/presets.js';
import { allDesigns } from '../../helpers/designs.js';
import { runPresetTest } from '../../helpers/preset_suite.js';
import { tinySiglip, tinySiglipConfig } from '../../helpers/tiny_siglip.js';

/** Beside the presets, those whose prompt vectors stand elsewhere. */
const PLACED = ['coop, name in the middle', 'coop, a random context a class, name in the middle'];

// All that holds for CLIP's form holds for SigLIP's.
allDesigns(tinySiglipConfig())
  .filter(([name]) => [...METHODS, ...PLACED].includes(name))
  .forEach(([name, design]) => runPresetTest(name, design, tinySiglip));

import { methodsFor, promptDesign } from '../../../src/prompting/presets.js';
import { OWN_CONFIG, ownBackbone } from '../../helpers/own_towers.js';
import { runPresetTest } from '../../helpers/preset_suite.js';

// All that holds for CLIP holds for towers of plain layers of tfjs.
methodsFor(OWN_CONFIG).forEach((method) =>
  runPresetTest(method, promptDesign(method, OWN_CONFIG), () => ownBackbone()),
);
runPresetTest(
  'coop, a context a class with the name in the middle',
  promptDesign('coop', OWN_CONFIG, { contexts: 'perClass', classPosition: 'middle' }),
  () => ownBackbone(),
);

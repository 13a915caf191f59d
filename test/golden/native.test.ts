import { existsSync } from 'node:fs';
import { describe } from '@jest/globals';
import { goldenSuite } from './golden_suite.js';

const ADDON = 'node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node';

// Only `npm run native` makes the addon; where CI has built it, MAPLE_REQUIRE_NATIVE makes its absence a failure.
const present = existsSync(ADDON) || process.env.MAPLE_REQUIRE_NATIVE === '1';
(present ? describe : describe.skip)('the official numbers on native TensorFlow', () => goldenSuite('native'));

import { describe } from '@jest/globals';
import { goldenSuite } from './golden_suite.js';

describe('the official numbers on WASM', () => goldenSuite('wasm'));

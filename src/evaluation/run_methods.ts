import { HEADS, type HeadKind } from '../heads/head.js';
import { METHODS, type Method } from '../prompting/presets.js';

/** What a run can be of: a method that places prompts, or a head on the features of the frozen backbone. */
export type RunMethod = Method | HeadKind;

/** All of them in the order of tables: zero-shot, what stands on its features, and what is tuned. */
export const RUN_METHODS: readonly RunMethod[] = [METHODS[0], ...HEADS, ...METHODS.slice(1)];

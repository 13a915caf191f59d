import util from 'node:util';

/**
 * Gives `node:util` the two old functions that tfjs-node 4.22 still calls (TopK, and every op whose type is derived
 * from its tensors). `util.isNullOrUndefined` is gone since Node 23; where Node still has it, and for `util.isArray`,
 * the replacement avoids the deprecation warning. Call it before tfjs-node is required. Safe to call again.
 */
export function shimTfjsNode(): void {
  Object.assign(util, {
    isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined,
    isArray: Array.isArray,
  });
}

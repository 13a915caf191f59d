/**
 * What a program that imports the layers alone gets: each factory and class by its name, and all of them as `layers`, as
 * the main entry has them.
 *
 * @packageDocumentation
 */
export * from './index.js';
export * as layers from './index.js';

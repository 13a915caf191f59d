import path from 'node:path';

import * as tf from '@tensorflow/tfjs-core';

import { loadModelFolder } from './model_folder_load.js';
import { saveModelFolder } from './model_folder_save.js';

const SCHEME = 'file://';

type Router = (url: string | string[]) => tf.io.IOHandler | null;

/** A tfjs handler as tfjs-node's NodeFileSystem is: `path` is absolute, or a pair of paths of a binary graph. */
type NodeFileSystem = tf.io.IOHandler & { path: string | string[] };

/**
 * Saves a model to a folder and loads it from there, in tfjs' standard layout: `model.json`, and the weights in a
 * file that it names. Saving is atomic: whatever fails, the folder holds the old model or the new one whole. Loading
 * checks file names, sizes and weight names before anything is read into a tensor.
 *
 * @param folder - the folder, or its model.json; with or without `file://`; relative paths are of the working folder
 */
export function fileHandler(folder: string): tf.io.IOHandler {
  const modelFile = modelFileOf(folder);
  return {
    save: (artifacts) => saveModelFolder(path.dirname(modelFile), artifacts),
    load: () => loadModelFolder(modelFile),
  };
}

/**
 * Makes `model.save('file://...')` and `tf.loadLayersModel('file://...')` use {@link fileHandler}, with every backend
 * and whether tfjs-node is loaded before, later or never. Safe to call again.
 */
export function registerFileHandler(): void {
  if (registries().has(tf.io.registerLoadRouter)) return;
  registries().add(tf.io.registerLoadRouter);
  // tfjs asks for null when a URL is not the router's, but is typed without strict null checks.
  tf.io.registerSaveRouter(((url) => route(url, tf.io.getSaveHandlers)) as Router as Parameters<
    typeof tf.io.registerLoadRouter
  >[0]);
  tf.io.registerLoadRouter(((url) => route(url, tf.io.getLoadHandlers)) as Router as Parameters<
    typeof tf.io.registerLoadRouter
  >[0]);
}

let probing = false;

/**
 * Our handler, unless another router has one: tfjs refuses a URL with two. tfjs-node registers its own for file://
 * as soon as it is loaded, which is neither atomic nor safe against paths in a manifest, and a router cannot be
 * taken back. So its handler keeps its place, and its class is made to hand the work to ours.
 */
function route(url: string | string[], handlersOf: (url: string) => tf.io.IOHandler[]): tf.io.IOHandler | null {
  if (probing || Array.isArray(url) || !url.startsWith(SCHEME)) return null;
  probing = true;
  let others: tf.io.IOHandler[];
  try {
    others = handlersOf(url);
  } finally {
    probing = false;
  }
  if (others.length === 0) return fileHandler(url);
  others.filter(isNodeFileSystem).forEach(delegate);
  return null;
}

function isNodeFileSystem(handler: tf.io.IOHandler): handler is NodeFileSystem {
  return handler.constructor.name === 'NodeFileSystem' && 'path' in handler;
}

const delegated = new WeakSet<object>();

/** Replaces `save` and `load` of tfjs-node's class by ours, for every URL but a pair (a binary graph). */
function delegate(handler: NodeFileSystem): void {
  const prototype = Object.getPrototypeOf(handler) as NodeFileSystem;
  if (delegated.has(prototype)) return;
  delegated.add(prototype);
  const { save, load } = prototype;
  prototype.save = function (this: NodeFileSystem, artifacts) {
    return Array.isArray(this.path) ? save!.call(this, artifacts) : fileHandler(this.path).save!(artifacts);
  };
  prototype.load = function (this: NodeFileSystem) {
    return Array.isArray(this.path) ? load!.call(this) : fileHandler(this.path).load!();
  };
}

/** The tfjs-core copies that have our router; shared by all copies of this module, for two would refuse each other. */
function registries(): WeakSet<object> {
  const key = Symbol.for('tfjs-maple.file_handler');
  const shared = globalThis as { [key: symbol]: WeakSet<object> | undefined };
  return (shared[key] ??= new WeakSet());
}

function modelFileOf(folder: string): string {
  let name = folder.startsWith(SCHEME) ? folder.slice(SCHEME.length) : folder;
  if (/^\/[a-z]:/i.test(name)) name = name.slice(1); // file:///C:/folder
  const resolved = path.resolve(name);
  return path.extname(resolved) === '.json' ? resolved : path.join(resolved, 'model.json');
}

import { parentPort } from 'node:worker_threads';
import type { Orientation, Picture } from '../data/picture.js';
import { transformPicture, type PictureTransform } from '../data/picture_transform.js';
import { Random } from '../random.js';
import { readPicture } from './pictures.js';

/** A picture that a thread is to read and transform. */
export interface PictureTask {
  path: string;
  transform: PictureTransform;
  /** Of the transform's random stream. */
  seed: number;
  orientation?: Orientation;
}

/** The picture, or what is wrong with its file. Errors lose their class on the way between threads. */
export type PictureReply = { picture: Picture } | { problem: string };

let last = Promise.resolve();

// One picture at a time, in order: so it is known which one a thread was at when it ended.
parentPort?.on('message', (task: PictureTask) => {
  last = last.then(() => answer(task));
});

/** What is no MapleError is a defect, and ends the thread. */
async function answer({ path, transform, seed, orientation }: PictureTask): Promise<void> {
  try {
    const picture = transformPicture(await readPicture(path, { orientation }), transform, new Random(seed));
    reply({ picture }, [picture.data.buffer as ArrayBuffer]);
  } catch (error) {
    if ((error as Error).name !== 'MapleError') {
      throw error;
    }
    reply({ problem: (error as Error).message });
  }
}

function reply(message: PictureReply, transferred: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transferred);
}

import type { PictureLoader } from '../data/picture_loader.js';

/** Fewer pictures are read sooner than threads are started. */
const WORTH_THREADS = 64;

/** Runs something that reads so many pictures, with threads that read them where that is worth it. */
export async function withPictureThreads<T>(
  pictures: number,
  run: (loader: PictureLoader | undefined) => Promise<T>,
): Promise<T> {
  if (pictures < WORTH_THREADS) {
    return run(undefined);
  }
  const { openPictureLoader } = await import('../node/picture_loader.js');
  const loader = openPictureLoader();
  try {
    return await run(loader);
  } finally {
    await loader.close();
  }
}

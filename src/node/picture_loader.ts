import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { MapleError } from '../../layers/errors.js';
import type { Orientation, Picture } from '../data/picture.js';
import type { PictureLoader } from '../data/picture_loader.js';
import type { PictureTransform } from '../data/picture_transform.js';
import { mustHold } from '../must_hold.js';
import type { PictureReply, PictureTask } from './picture_worker.js';
// On Linux, sharp must be loaded by the main thread before any other: https://sharp.pixelplumbing.com/install/#worker-threads
import 'sharp';

/** Settings of {@link openPictureLoader}. */
export interface PictureLoaderOptions {
  /** Pictures that are read at once. Default: a thread for each core but one, 4 at most, 1 at least. */
  threads?: number;
  /** Module that the threads run, for tests. */
  module?: URL;
}

const OPTIONS: SettingNames<PictureLoaderOptions> = { threads: true, module: true };

/** More threads than this wait for each other's memory rather than decode. */
const MOST_THREADS = 4;

/** A picture that is asked for. */
interface Request extends PictureTask {
  resolve: (picture: Picture) => void;
  reject: (error: Error) => void;
}

/**
 * A {@link PictureLoader} on worker threads: reading, decoding and cropping, so that training does not wait for it. A
 * thread starts when there is a picture for it, keeps no program running that is else at its end, and is replaced when it
 * dies, which fails the picture that it was at.
 *
 * ```js
 * const loader = openPictureLoader();
 * try {
 *   await tunePrompts({ model, examples, recipe, loader });
 * } finally {
 *   await loader.close();
 * }
 * ```
 * @throws MapleError for a number of threads that is not a positive integer
 */
export function openPictureLoader(options: PictureLoaderOptions = {}): PictureLoader {
  checkKnown('openPictureLoader', options, OPTIONS);
  const { threads, module } = options;
  const count = threads ?? Math.min(MOST_THREADS, Math.max(1, availableParallelism() - 1));
  mustHold('threads', count, Number.isInteger(count) && count > 0, 'a positive integer');
  return new ThreadLoader(count, module ?? new URL('./picture_worker.js', import.meta.url));
}

/**
 * Every picture is given to a thread as soon as it is asked for, and not when the thread is free: this thread may be in
 * the middle of a training step then, for seconds. No general pool of threads does that, and tells what a thread was at
 * when it exits without an error.
 */
class ThreadLoader implements PictureLoader {
  /** What each thread has still to answer, in order; it is at the first. */
  private readonly workers = new Map<Worker, Request[]>();
  private closed = false;

  constructor(
    readonly threads: number,
    private readonly module: URL,
  ) {}

  load(path: string, transform: PictureTransform, seed: number, orientation?: Orientation): Promise<Picture> {
    return new Promise((resolve, reject) => this.send({ path, transform, seed, orientation, resolve, reject }));
  }

  async close(): Promise<void> {
    this.closed = true;
    const workers = [...this.workers];
    this.workers.clear();
    await Promise.all(workers.map(([worker]) => worker.terminate()));
    workers.flatMap(([, requests]) => requests).forEach(({ path, reject }) => reject(closedError(path)));
  }

  /** To the thread with the least to do, or to a new one where all have something and there is leave for one more. */
  private send(request: Request): void {
    const { path, transform, seed, orientation, reject } = request;
    if (this.closed) {
      reject(closedError(path));
      return;
    }
    const [least] = [...this.workers].sort(([, one], [, other]) => one.length - other.length);
    const more = this.workers.size < this.threads && (least === undefined || least[1].length > 0);
    const worker = more ? this.start() : least[0];
    this.workers.get(worker)?.push(request);
    worker.ref();
    worker.postMessage({ path, transform, seed, orientation } satisfies PictureTask);
  }

  private start(): Worker {
    const worker = new Worker(this.module);
    this.workers.set(worker, []);
    worker.on('message', (reply: PictureReply) => {
      const requests = this.workers.get(worker);
      const request = requests?.shift();
      if (requests?.length === 0) {
        // A free thread does not keep the program running.
        worker.unref();
      }
      if ('picture' in reply) {
        request?.resolve(reply.picture);
      } else {
        request?.reject(new MapleError(reply.problem));
      }
    });
    worker.on('error', (error) => this.lose(worker, error.message, error));
    worker.on('exit', (code) => this.lose(worker, `exit code ${code}`));
    return worker;
  }

  /** A thread has ended by itself: what it was at fails, and others take what it had still to do. */
  private lose(worker: Worker, why: string, cause?: Error): void {
    const [request, ...others] = this.workers.get(worker) ?? [];
    this.workers.delete(worker);
    request?.reject(
      new MapleError(
        `The thread that read ${request.path} ended: ${why}. If memory is short, use fewer threads or smaller pictures.`,
        { cause },
      ),
    );
    others.forEach((other) => this.send(other));
  }
}

function closedError(path: string): MapleError {
  return new MapleError(`${path} cannot be read: the picture loader has been closed. Open another one.`);
}

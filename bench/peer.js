import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PEERS = join(dirname(fileURLToPath(import.meta.url)), 'peers');

/** One side of a comparison: a process that does a task a line. */
export class Peer {
  constructor(name, command, program, args, threads) {
    this.name = name;
    this.seconds = [];
    // As many threads on either side.
    const env = { ...process.env, OMP_NUM_THREADS: threads, TF_CPP_MIN_LOG_LEVEL: '3' };
    const numThreads = { TF_NUM_INTRAOP_THREADS: threads, TF_NUM_INTEROP_THREADS: 1 };
    this.process = spawn(command, [join(PEERS, program), ...args], {
      env: { ...env, ...numThreads },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
    this.process.on('error', (error) => {
      throw new Error(`${name} cannot be started (${command}): ${error.message}`);
    });
  }

  async next() {
    for (;;) {
      const { value, done } = await this.lines.next();
      if (done) {
        throw new Error(`${this.name} ended. For PyTorch, --python must name a Python that has torch.`);
      }
      if (value.startsWith('{')) {
        return JSON.parse(value);
      }
    }
  }

  async run(task) {
    this.process.stdin.write(`${task}\n`);
    const { seconds, peak } = await this.next();
    this.peak = peak;
    return seconds;
  }
}

/** This library, in a process of its own; `sizes` as bench/peers/ours.js takes them. */
export function oursAsPeer(sizes, threads) {
  return new Peer('tfjs-maple', process.execPath, 'ours.js', [JSON.stringify(sizes)], threads);
}

/** The middle one of sorted values. */
export function middle(sorted) {
  return sorted[Math.floor(sorted.length / 2)];
}

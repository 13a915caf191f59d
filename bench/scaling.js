import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { middle, oursAsPeer } from './peer.js';

/** What is varied, one at a time, around 50 classes, batch 4, MaPLe's depth 9, ViT-B/16. */
const AXES = {
  classes: [10, 50, 100, 300, 1000],
  batch: [1, 4, 16, 32],
  depth: [1, 3, 6, 9, 12],
  shape: ['vitB32', 'vitB16', 'vitL14'],
};

/** Times training steps of many sizes, each in a process of its own, and writes seconds and peak memory as JSON. */
export async function benchScaling({ axes, repeats, threads, recompute, out }) {
  const rows = [];
  for (const axis of axes.split(',')) {
    for (const value of AXES[axis]) {
      const peer = oursAsPeer({ [axis]: value, recompute }, String(threads));
      try {
        await peer.next();
        await peer.run('step'); // not counted
        for (let repeat = 0; repeat < repeats; repeat++) {
          peer.seconds.push(await peer.run('step'));
        }
      } finally {
        peer.process.kill();
      }
      const sorted = peer.seconds.sort((one, other) => one - other);
      const row = { axis, value, seconds: middle(sorted), least: sorted[0], most: sorted.at(-1), peak: peer.peak };
      console.log(
        `${axis} ${value}: ${row.seconds.toFixed(2)} s (${row.least.toFixed(2)} to ${row.most.toFixed(2)}), ` +
          `peak memory ${(row.peak / 1e9).toFixed(2)} GB`,
      );
      rows.push(row);
    }
  }
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify({ repeats, threads, recompute: recompute ?? false, rows }, undefined, 1)}\n`);
}

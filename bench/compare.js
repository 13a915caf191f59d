import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { featurePeers } from './feature_peers.js';
import { middle, oursAsPeer, Peer } from './peer.js';

/** Runs this library and its peers in alternation, each in a process of its own, and prints medians and ratios. */
export async function benchCompare(options) {
  const { task, classes, batch, pictures, repeats } = options;
  if (task !== 'step' && task !== 'features') {
    throw new Error(`--task must be step or features. Received: ${task}.`);
  }
  const folder = await mkdtemp(join(tmpdir(), 'bench-compare-'));
  const peers = [];
  try {
    for await (const peer of task === 'step' ? stepPeers(options) : featurePeers(options, folder)) {
      peers.push(peer);
      console.log(`${peer.name}: ${await peer.ready()}`);
      await peer.run(task); // not counted
    }
    if (task === 'features') {
      await compareValues(peers);
    }
    for (let repeat = 0; repeat < repeats; repeat++) {
      for (const peer of peers) {
        peer.seconds.push(await peer.run(task));
      }
    }
  } finally {
    peers.forEach((peer) => peer.process.kill());
    await rm(folder, { recursive: true });
  }
  const size = task === 'step' ? `${classes} classes, batch ${batch}` : `${pictures} pictures`;
  console.log(`\n${task}, ${size}, ${options.threads} threads; median of ${repeats} in alternation (least to most)`);
  console.log(`load average of the last minute, these processes included: ${loadavg()[0].toFixed(1)}`);
  printFigures(peers);
}

function* stepPeers({ classes, batch, recompute, python, threads }) {
  yield oursAsPeer({ classes, batch, recompute }, String(threads));
  const args = [classes, batch, threads].map(String);
  const needs = '--python must name a Python that has torch and safetensors.';
  yield new Peer('PyTorch', { command: python, program: 'torch_maple.py', args, threads: String(threads), needs });
}

/** All are to compute the same. */
async function compareValues([own, ...others]) {
  const ours = await own.values();
  const most = Math.max(...ours.map(Math.abs));
  for (const other of others) {
    const theirs = await other.values();
    const difference = Math.max(...theirs.map((value, index) => Math.abs(value - ours[index])));
    console.log(
      `${other.name}: features differ from ours by ${difference.toExponential(1)} at most, of ${most.toFixed(1)}`,
    );
    if (theirs.length !== ours.length || !(difference < 1e-3 * most)) {
      throw new Error(`${other.name} computes something else: ${theirs.length} values against ${ours.length}.`);
    }
  }
}

function printFigures(peers) {
  for (const { name, seconds, peak } of peers) {
    const sorted = [...seconds].sort((one, other) => one - other);
    const [least, median, most] = [sorted[0], middle(sorted), sorted.at(-1)].map((value) => value.toFixed(2));
    console.log(`${name.padEnd(16)} ${median} s (${least} to ${most})  peak memory ${(peak / 1e9).toFixed(2)} GB`);
  }
  const [own, ...others] = peers;
  for (const other of others) {
    const ratios = own.seconds.map((seconds, index) => other.seconds[index] / seconds).sort((a, b) => a - b);
    const spread = `${ratios[0].toFixed(2)} to ${ratios.at(-1).toFixed(2)}`;
    console.log(`${other.name}'s time / ours: ${middle(ratios).toFixed(2)} (${spread})`);
    console.log(`our memory / ${other.name}'s: ${(own.peak / other.peak).toFixed(2)}`);
  }
}

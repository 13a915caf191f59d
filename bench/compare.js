import { middle, oursAsPeer, Peer } from './peer.js';

/** Runs this library and its peers in alternation, each in a process of its own, and prints medians and ratios. */
export async function benchCompare({ task, classes, batch, pictures, repeats, threads, python, recompute, onnx }) {
  const sizes = [classes, batch, pictures, threads].map(String);
  const peers = [
    oursAsPeer({ classes, batch, pictures, recompute }, String(threads)),
    new Peer('PyTorch', python, 'torch_maple.py', sizes, String(threads)),
    ...(onnx ? [new Peer('onnxruntime', python, 'onnx_features.py', sizes, String(threads))] : []),
  ];
  try {
    for (const peer of peers) {
      console.log(`${peer.name}: ${(await peer.next()).ready}`);
      await peer.run(task); // not counted
    }
    for (let repeat = 0; repeat < repeats; repeat++) {
      for (const peer of peers) {
        peer.seconds.push(await peer.run(task));
      }
    }
  } finally {
    peers.forEach((peer) => peer.process.kill());
  }
  const size = task === 'step' ? `${classes} classes, batch ${batch}` : `${pictures} pictures`;
  console.log(`\n${task}, ${size}, ${threads} threads; median of ${repeats} in alternation (least to most)`);
  for (const { name, seconds, peak } of peers) {
    const sorted = [...seconds].sort((one, other) => one - other);
    const [least, median, most] = [sorted[0], middle(sorted), sorted.at(-1)].map((value) => value.toFixed(2));
    console.log(`${name.padEnd(12)} ${median} s (${least} to ${most})  peak memory ${(peak / 1e9).toFixed(2)} GB`);
  }
  const [own, ...others] = peers;
  for (const other of others) {
    const ratios = own.seconds.map((seconds, index) => other.seconds[index] / seconds).sort((a, b) => a - b);
    const spread = `${ratios[0].toFixed(2)} to ${ratios.at(-1).toFixed(2)}`;
    console.log(`${other.name}'s time / ours: ${middle(ratios).toFixed(2)} (${spread})`);
    console.log(`our memory / ${other.name}'s: ${(own.peak / other.peak).toFixed(2)}`);
  }
}

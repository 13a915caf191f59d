#!/usr/bin/env bash
# @tensorflow/tfjs-core 4.22.0: argMax passes NaN over on the backends CPU and WASM, where NumPy answers with its place. A
# classifier whose weights are damaged for one class only goes on answering with the others, and has an accuracy. On WASM the
# maximum of (1, NaN) is 1, where the CPU's is NaN.
#
# Seen: "cpu: argMax of (1, NaN, 2) 2, maximum of (1, NaN) NaN; wasm: argMax of (1, NaN, 2) 2, maximum of (1, NaN) 1"
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true }' > package.json
npm install --ignore-scripts --no-audit --no-fund --silent @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 \
  @tensorflow/tfjs-backend-wasm@4.22.0 > /dev/null
cat > answer.cjs <<'JS'
const tf = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-cpu');
require('@tensorflow/tfjs-backend-wasm');
(async () => {
  const seen = [];
  for (const backend of ['cpu', 'wasm']) {
    await tf.setBackend(backend);
    const [best] = tf.argMax(tf.tensor1d([1, NaN, 2])).dataSync();
    const [most] = tf.maximum(tf.tensor1d([1]), tf.tensor1d([NaN])).dataSync();
    seen.push(`${backend}: argMax of (1, NaN, 2) ${best}, maximum of (1, NaN) ${most}`);
  }
  console.log(seen.join('; '));
})();
JS
seen="$(node answer.cjs 2> /dev/null)"
echo "$seen"
[ "$seen" = 'cpu: argMax of (1, NaN, 2) 2, maximum of (1, NaN) NaN; wasm: argMax of (1, NaN, 2) 2, maximum of (1, NaN) 1' ]

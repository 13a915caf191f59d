#!/usr/bin/env bash
# @tensorflow/tfjs-core 4.22.0: randomNormal and truncatedNormal take seed 0 for no seed and draw other values each time;
# randomUniform takes it for a seed. So does every layer of tfjs-layers whose weights start by a normal distribution.
#
# Seen: "randomNormal: seed 0 false, seed 1 true; truncatedNormal: seed 0 false, seed 1 true; randomUniform: seed 0 true, seed 1 true"
# (whether two draws of one seed are equal).
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true }' > package.json
npm install --ignore-scripts --no-audit --no-fund --silent @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 > /dev/null
cat > draw.cjs <<'JS'
const tf = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-cpu');
const draws = {
  randomNormal: (seed) => tf.randomNormal([8], 0, 1, 'float32', seed),
  truncatedNormal: (seed) => tf.truncatedNormal([8], 0, 1, 'float32', seed),
  randomUniform: (seed) => tf.randomUniform([8], 0, 1, 'float32', seed),
};
const repeats = (draw, seed) => String(draw(seed).dataSync()) === String(draw(seed).dataSync());
console.log(
  Object.entries(draws).map(([name, draw]) => `${name}: seed 0 ${repeats(draw, 0)}, seed 1 ${repeats(draw, 1)}`).join('; '),
);
JS
seen="$(node draw.cjs 2> /dev/null)"
echo "$seen"
[ "$seen" = 'randomNormal: seed 0 false, seed 1 true; truncatedNormal: seed 0 false, seed 1 true; randomUniform: seed 0 true, seed 1 true' ]

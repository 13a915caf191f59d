#!/usr/bin/env bash
# @tensorflow-models/universal-sentence-encoder 1.3.3: the tokeniser reads its answer from the end backwards and steps back by the
# length of each piece's *spelling* in the vocabulary; where a character is unknown, by that of the first piece. The published
# vocabulary spells it U+FFFD, one character. One that is made from a SentencePiece model spells it "<unk>", and then the
# four characters before an unknown one are gone without an error.
#
# Seen: "spelt U+FFFD: ▁cat ▁ ? ▁dog; spelt <unk>: ▁ ? ▁dog" for "cat é dog" (é is in neither vocabulary).
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true }' > package.json
npm install --ignore-scripts --legacy-peer-deps --no-audit --no-fund --silent @tensorflow-models/universal-sentence-encoder@1.3.3 \
  @tensorflow/tfjs-core@3.21.0 @tensorflow/tfjs-converter@3.21.0 > /dev/null
cat > tokens.cjs <<'JS'
const { Tokenizer } = require('@tensorflow-models/universal-sentence-encoder/dist/tokenizer');
const words = (unknown) => {
  const pieces = [unknown, '<s>', '</s>', 'x1', 'x2', 'x3', '\u2581cat', '\u2581dog', '\u2581', ...'acdgot'];
  const scored = pieces.map((piece) => [piece, piece.length === 1 ? -9 : -5]);
  return new Tokenizer(scored).encode('cat \u00e9 dog').map((id) => (id === 0 ? '?' : pieces[id])).join(' ');
};
console.log(`spelt U+FFFD: ${words('\uFFFD')}; spelt <unk>: ${words('<unk>')}`);
JS
seen="$(node tokens.cjs 2> /dev/null)"
echo "$seen"
[ "$seen" = 'spelt U+FFFD: ▁cat ▁ ? ▁dog; spelt <unk>: ▁ ? ▁dog' ]

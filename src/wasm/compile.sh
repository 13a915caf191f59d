#!/bin/sh
# Writes matrix_product_binary.ts from matrix_product.wat, with wat2wasm of WABT: sh src/wasm/compile.sh
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
sed 's/(memory 1)/(memory 1 65536 shared)/' matrix_product.wat > "$work/shared.wat"
wat2wasm="npx --yes --package=wabt@1.0.39 wat2wasm"
$wat2wasm matrix_product.wat --output="$work/plain.wasm"
$wat2wasm --enable-threads "$work/shared.wat" --output="$work/shared.wasm"
{
  echo '// matrix_product.wat as WebAssembly in base64, written by compile.sh.'
  echo 'export const MATRIX_PRODUCT ='
  echo "  '$(base64 -w0 "$work/plain.wasm")';"
  echo '/** The same for a memory that threads share. */'
  echo 'export const MATRIX_PRODUCT_SHARED ='
  echo "  '$(base64 -w0 "$work/shared.wasm")';"
} > matrix_product_binary.ts

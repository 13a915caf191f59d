#!/usr/bin/env bash
# npm (10.9, 11.19): an *optional* peer that nobody asks for, and that npm therefore does not install, still decides whether an
# install succeeds. npm resolves its peers too. Here @tensorflow-models/universal-sentence-encoder 1.3.3 (peer: tfjs-core ^3.6.0)
# is the optional peer of a package whose other peer is tfjs-core ^4.22.0. In an empty project `npm install` of that package ends
# in ERESOLVE. Named in peerDependenciesMeta alone, which pnpm and Yarn take for an optional peer as well, it does no harm.
#
# Seen: "ERESOLVE" with the peer; "4.22.0" without.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"

# install NAME PEERS: what `npm install` of a package with these peers says in an empty project, or the tfjs-core it installs.
install() {
  mkdir -p "$1/package" "$1/project"
  echo '{ "private": true }' > "$1/project/package.json"
  cat > "$1/package/package.json" <<JSON
{
  "name": "a-package", "version": "1.0.0",
  "peerDependencies": { "@tensorflow/tfjs-core": "^4.22.0"$2 },
  "peerDependenciesMeta": { "@tensorflow-models/universal-sentence-encoder": { "optional": true } }
}
JSON
  (cd "$1" && npm pack --silent ./package > /dev/null && cd project &&
    if npm install --ignore-scripts --no-audit --no-fund ../a-package-1.0.0.tgz > ../log 2>&1; then
      node -p 'require("@tensorflow/tfjs-core/package.json").version'
    else
      grep -o -m1 ERESOLVE ../log
    fi)
}

with="$(install with ', "@tensorflow-models/universal-sentence-encoder": "^1.3.3"')"
without="$(install without '')"
echo "npm $(npm --version): with the optional peer: $with; named in peerDependenciesMeta alone: $without"
[ "$with" = ERESOLVE ] && [ "$without" = 4.22.0 ]

#!/bin/sh
# Builds the playground into playground.zip, the one file that the hub embeds, and writes
# THIRD_PARTY_LICENSES.txt beside it. Both are committed: Go needs no Node to build the hub.
#
#   ./build.sh           builds
#   ./build.sh --check   builds elsewhere and fails unless the committed files are just that
#
# The same sources give the same bytes, in any folder and on any day.
set -eu
cd "$(dirname "$0")"

case "${1-}" in
  '' | --check) ;;
  *) echo "usage: build.sh [--check]" >&2; exit 2 ;;
esac

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

npm ci --loglevel=error >&2
node_modules/.bin/vite build --logLevel warn --outDir "$out/dist" --emptyOutDir
node pack.mjs "$out/dist" "$out/playground.zip"

if [ "${1-}" = --check ]; then
  cmp -s "$out/playground.zip" playground.zip && cmp -s "$out/dist/THIRD_PARTY_LICENSES.txt" THIRD_PARTY_LICENSES.txt || {
    echo "web/playground/playground.zip is not what its sources give: run web/playground/build.sh and commit the result." >&2
    exit 1
  }
  echo "web/playground/playground.zip is what its sources give."
else
  cp "$out/dist/THIRD_PARTY_LICENSES.txt" THIRD_PARTY_LICENSES.txt
  cp "$out/playground.zip" playground.zip
fi

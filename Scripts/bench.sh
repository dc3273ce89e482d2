#!/usr/bin/env bash
# Measures torii beside nginx (one worker), the articles' proxy on Node, and a direct line, in one run.
#
#   bench.sh [--torii BINARY] [--cells small,large,stream] [--streams 64,2000] [--rounds 3] …
#   bench.sh --peers direct,nginx,node      without torii
#
# Builds the C tools and a release torii unless --torii or --peers says otherwise. The rest: Benchmarks/bench.py --help
set -euo pipefail
# shellcheck source=Scripts/common.sh
source "$(dirname "$0")/common.sh"
cd "$root"

work=$root/.bench

needs_release() {
  local word
  for word; do
    case $word in --torii | --torii=* | --peers | --peers=*) return 1 ;; esac
  done
}

Scripts/setup.sh bench
load_tool upstream
load_tool sload

words=("$@")
if needs_release "$@"; then
  say "release build"
  Scripts/release.sh >&2
  words+=(--torii "$root/.build/release/torii")
fi

# In the background, so that it may open a session of its own (see bench.py); an interruption is passed on.
python3 -B Benchmarks/bench.py --tools "$work" --work "$work" "${words[@]}" &
bench=$!
trap 'kill -TERM "$bench" 2>/dev/null' INT TERM
wait "$bench"

#!/usr/bin/env bash
# Measures what accounting for requests costs: instructions per request, and whether the ledger keeps up under load.
#   bench-metering.sh [--seconds N] [BINARY]     a release build unless there is one; five minutes of load
set -euo pipefail
# shellcheck source=Scripts/common.sh
source "$(dirname "$0")/common.sh"
cd "$root"

words=()
if [[ ${1:-} == --seconds ]]; then
  words=(--seconds "$2")
  shift 2
fi
Scripts/setup.sh bench
load_tool upstream
torii=${1:-$(release_torii)}
exec python3 -B Benchmarks/metering.py --tools "$root/.bench" --torii "$torii" "${words[@]}"

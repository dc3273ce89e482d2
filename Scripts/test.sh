#!/usr/bin/env bash
# One build and one run: warnings are errors (Package.swift), imports are checked, every test runs.
# Arguments go to `swift test`, for example:  Scripts/test.sh --filter JSONTests
set -euo pipefail
# shellcheck source=Scripts/common.sh
source "$(dirname "$0")/common.sh"
cd "$root"

mkdir -p .build
# A few tests at a time: started all at once, those with deadlines wait for a core behind those that compute.
"$swift" test --disable-xctest --explicit-target-dependency-import-check error \
  --experimental-maximum-parallelization-width 8 "$@" 2>&1 | tee .build/test.log

#!/usr/bin/env bash
# The gateway's and the providers' tests under the thread sanitizer: tsan.sh [FILTER]
#
# The sanitizer cannot see what a `Mutex` protects, because the standard library is not instrumented; what the tests'
# own harness guards with one is left out by Tests/tsan.suppressions.
set -euo pipefail
# shellcheck source=Scripts/common.sh
source "$(dirname "$0")/common.sh"
cd "$root"

options=(--sanitize=thread --scratch-path .build-tsan)
"$swift" build --build-tests "${options[@]}"
TSAN_OPTIONS="halt_on_error=0 exitcode=66 suppressions=$root/Tests/tsan.suppressions" \
  "$swift" test --skip-build "${options[@]}" --filter "${1:-GatewayTests}" \
  --experimental-maximum-parallelization-width 4

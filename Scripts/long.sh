#!/usr/bin/env bash
# What takes too long for CI: ten minutes of fuzzing for each reader and of chaos, kill rounds, the thread sanitizer, every judge with the older
# Codex CLIs and with the agents over every upstream, all benchmarks. Each part runs even if an earlier one failed.
#   long.sh [fuzz|chaos|kills|tsan|judges|benchmarks ...]
set -uo pipefail
# shellcheck source=Scripts/common.sh
source "$(dirname "$0")/common.sh"
cd "$root" || exit 1

fuzz() { Scripts/fuzz.sh "${FUZZ_SECONDS:-600}"; }

chaos() { Scripts/chaos.sh "${CHAOS_SECONDS:-600}"; }

kills() { Scripts/kill-rounds.sh "${KILL_ROUNDS:-200}"; }

tsan() { Scripts/tsan.sh; }

judges() { Scripts/judges.sh --long; }

benchmarks() {
  local failed=0
  Scripts/bench-json.sh || failed=1
  Scripts/bench-translation.sh || failed=1
  Scripts/bench-routing.sh || failed=1
  Scripts/bench-tenants.sh || failed=1
  Scripts/bench-metering.sh || failed=1
  Scripts/bench-ledger.sh || failed=1
  Scripts/bench.sh --rounds 5 || failed=1
  return "$failed"
}

failed=()
(($# > 0)) || set -- fuzz chaos kills tsan judges benchmarks
for part; do
  case $part in
    fuzz | chaos | kills | tsan | judges | benchmarks)
      say "$part"
      "$part" || failed+=("$part")
      ;;
    *) fail "long.sh [fuzz|chaos|kills|tsan|judges|benchmarks ...]" ;;
  esac
done
((${#failed[@]} == 0)) || fail "failed: ${failed[*]}"

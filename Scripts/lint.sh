#!/usr/bin/env bash
# Strict lint of everything that is written here: Swift always, shell and Python where their tools are installed.
# Every part runs, so that one run shows all there is to mend.
set -euo pipefail
# shellcheck source=Scripts/common.sh
source "$(dirname "$0")/common.sh"
cd "$root"

lint_swift() {
  local parts=(Package.swift) part
  for part in Sources Tests Fuzz Benchmarks; do
    [[ ! -d $part ]] || parts+=("$part")
  done
  "$swift" format lint --strict --parallel --recursive "${parts[@]}"
}

lint_shell() {
  local files
  command -v shellcheck >/dev/null || return 0
  mapfile -t files < <(git ls-files '*.sh' .ci/run)
  shellcheck --external-sources "${files[@]}"
}

lint_python() {
  command -v python3 >/dev/null || return 0
  git ls-files '*.py' | python3 -B -c '
import sys

for path in sys.stdin.read().split():
    with open(path, encoding="utf-8") as file:
        compile(file.read(), path, "exec")
'
  python3 -B deploy/grafana/make.py --check
}

failed=()
for part in swift shell python; do
  say "lint: $part"
  "lint_$part" || failed+=("$part")
done
((${#failed[@]} == 0)) || fail "to mend: ${failed[*]}"

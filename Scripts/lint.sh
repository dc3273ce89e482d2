#!/usr/bin/env bash
# Strict lint of everything that is written here: Swift always, shell and Python where their tools are installed.
set -euo pipefail
# shellcheck source=Scripts/common.sh
source "$(dirname "$0")/common.sh"
cd "$root"

say "swift format lint"
swift_parts=(Package.swift)
for part in Sources Tests Fuzz Benchmarks; do
  [[ ! -d $part ]] || swift_parts+=("$part")
done
"$swift" format lint --strict --parallel --recursive "${swift_parts[@]}"

if command -v shellcheck >/dev/null; then
  say "shellcheck"
  mapfile -t shell_files < <(git ls-files '*.sh' .ci/run)
  shellcheck --external-sources "${shell_files[@]}"
fi

if command -v python3 >/dev/null; then
  say "python: every file compiles"
  git ls-files '*.py' | PYTHONDONTWRITEBYTECODE=1 python3 -c '
import sys
for path in sys.stdin.read().split():
    with open(path, encoding="utf-8") as file:
        compile(file.read(), path, "exec")
'
fi

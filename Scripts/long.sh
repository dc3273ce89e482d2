#!/usr/bin/env bash
# What takes too long for CI: ten minutes of fuzzing for each reader, the thread sanitizer, every judge with older and
# other clients, all benchmarks. Each part runs even if an earlier one failed.
#   long.sh [fuzz|tsan|judges|clients|benchmarks ...]
set -uo pipefail
# shellcheck source=Scripts/common.sh
source "$(dirname "$0")/common.sh"
cd "$root" || exit 1

home=$root/.judges
older_codex=(0.133.0 0.147.0 0.155.1)
claude_sdk=0.2.187

fuzz() { Scripts/fuzz.sh "${FUZZ_SECONDS:-600}"; }

tsan() { Scripts/tsan.sh; }

judges() { Scripts/judges.sh; }

# A version of the Codex CLI in a folder of its own; prints the binary's path.
codex_binary() {
  local folder=$home/codex-$1
  if [[ ! -x $folder/codex_cli_bin/bin/codex ]]; then
    "$home/venv/bin/pip" install --quiet --no-deps --target "$folder" "openai-codex-cli-bin==$1" >&2 || return 1
  fi
  printf '%s\n' "$folder/codex_cli_bin/bin/codex"
}

# Claude Code comes inside the wheel of its SDK.
other_clients() {
  local folder=$home/clients
  if [[ ! -f $folder/installed ]]; then
    python3 -m venv "$folder" && "$folder/bin/pip" install --quiet "claude-agent-sdk==$claude_sdk" >&2 &&
      touch "$folder/installed"
  fi
}

matrix() { "$home/venv/bin/python" -B Judges/matrix.py --torii "$torii" --own-dialect --out "$home/results" "$@"; }

clients() {
  local version binary failed=0 claude
  torii=$(debug_torii) || return 1
  for version in "${older_codex[@]}"; do
    binary=$(codex_binary "$version") || return 1
    matrix --name "codex-$version" --dialects responses --judges codex --codex "$binary" || failed=1
  done
  other_clients || return 1
  claude=$(find "$home/clients" -path '*/claude_agent_sdk/_bundled/claude' -print -quit)
  matrix --name claude --dialects messages --judges claude --claude "$claude" || failed=1
  return "$failed"
}

benchmarks() {
  local failed=0
  Scripts/bench-json.sh || failed=1
  Scripts/bench-translation.sh || failed=1
  Scripts/bench.sh --rounds 5 || failed=1
  return "$failed"
}

failed=()
(($# > 0)) || set -- fuzz tsan judges clients benchmarks
for part; do
  case $part in
    fuzz | tsan | judges | clients | benchmarks)
      say "$part"
      "$part" || failed+=("$part")
      ;;
    *) fail "long.sh [fuzz|tsan|judges|clients|benchmarks ...]" ;;
  esac
done
((${#failed[@]} == 0)) || fail "failed: ${failed[*]}"

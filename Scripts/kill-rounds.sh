#!/usr/bin/env bash
# Kills a gateway under load, again and again, and holds its account against what clients have seen: kill-rounds.sh [ROUNDS] [--seed N]
set -euo pipefail
# shellcheck source=Scripts/common.sh
source "$(dirname "$0")/common.sh"
cd "$root"

rounds=200
if [[ ${1:-} =~ ^[0-9]+$ ]]; then
  rounds=$1
  shift
fi
torii=$(debug_torii)
exec python3 -B Judges/kill_rounds.py --rounds "$rounds" "$@" "$torii"

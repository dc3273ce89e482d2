#!/usr/bin/env bash
# Random faults on three scripted upstreams under load, against the real binary over loopback: chaos.sh [SECONDS] [--seed N]
#
# A failure is run again by its seed, which the first line names.
set -euo pipefail
# shellcheck source=Scripts/common.sh
source "$(dirname "$0")/common.sh"
cd "$root"

seconds=${1:-600}
(($# > 0)) && shift
torii=$(debug_torii)
exec python3 -B Judges/chaos.py --seconds "$seconds" "$@" "$torii"

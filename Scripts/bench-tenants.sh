#!/usr/bin/env bash
# Measures what keys and tenants cost: instructions per request, memory, the time to start, exact admission.
#   bench-tenants.sh [BINARY]     a release build unless there is one
set -euo pipefail
# shellcheck source=Scripts/common.sh
source "$(dirname "$0")/common.sh"
cd "$root"

Scripts/setup.sh bench
load_tool upstream
torii=${1:-$(release_torii)}
exec python3 -B Benchmarks/tenants.py --tools "$root/.bench" --torii "$torii"

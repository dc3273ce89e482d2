#!/usr/bin/env bash
# Installs the release build below a prefix:  install.sh PREFIX
set -euo pipefail
# shellcheck source=Scripts/common.sh
source "$(dirname "$0")/common.sh"

prefix=${1:?install.sh PREFIX}
torii=$root/.build/release/torii
[[ -x $torii ]] || fail "no release build: run make release"

install -D -m 755 "$torii" "$prefix/bin/torii"
say "installed $prefix/bin/torii"

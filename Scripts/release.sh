#!/usr/bin/env bash
# The optimised binary, which runs on a machine without Swift: .build/release/torii
#
# Debug builds and tests check exclusive access to memory as they run; here that check, which the compiler makes
# statically as well, is left to them, and code is specialised across modules. Together they save about a tenth of the
# CPU of a request.
set -euo pipefail
# shellcheck source=Scripts/common.sh
source "$(dirname "$0")/common.sh"
cd "$root"

exec "$swift" build -c release --static-swift-stdlib --product torii \
  -Xswiftc -enforce-exclusivity=unchecked -Xswiftc -cross-module-optimization "$@"

#!/usr/bin/env bash
# The optimised binary, which needs neither Swift nor the libraries below where it runs: .build/release/torii
#
# Debug builds and tests check exclusive access to memory as they run; here that check, which the compiler makes
# statically as well, is left to them, and code is specialised across modules. Together they save about a tenth of the
# CPU of a request.
set -euo pipefail
# shellcheck source=Scripts/common.sh
source "$(dirname "$0")/common.sh"
cd "$root"

# A folder that holds archives alone is searched before the system's, which hold both forms: what is linked from here
# needs no package at run time.
mkdir -p .build/archives
for name in libsqlite3.a libz.a libzstd.a; do
  for archive in /usr/lib/*/"$name" /usr/lib/"$name"; do
    [[ ! -e $archive ]] || ln -sf "$archive" ".build/archives/$name"
  done
done

exec "$swift" build -c release --static-swift-stdlib --product torii \
  -Xswiftc -enforce-exclusivity=unchecked -Xswiftc -cross-module-optimization -Xlinker "-L$root/.build/archives" "$@"

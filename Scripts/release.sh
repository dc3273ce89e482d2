#!/usr/bin/env bash
# The optimised binary, which runs on a machine without Swift and without SQLite: .build/release/torii
#
# Debug builds and tests check exclusive access to memory as they run; here that check, which the compiler makes
# statically as well, is left to them, and code is specialised across modules. Together they save about a tenth of the
# CPU of a request.
set -euo pipefail
# shellcheck source=Scripts/common.sh
source "$(dirname "$0")/common.sh"
cd "$root"

# The first folder that has a libsqlite3 is taken, and this one has nothing but the archive.
archives=(/usr/lib/*/libsqlite3.a /usr/lib/libsqlite3.a)
for archive in "${archives[@]}"; do
  [[ -e $archive ]] || continue
  mkdir -p .build/archives
  ln -sf "$archive" .build/archives/libsqlite3.a
  set -- -Xlinker "-L$root/.build/archives" "$@"
  break
done

exec "$swift" build -c release --static-swift-stdlib --product torii \
  -Xswiftc -enforce-exclusivity=unchecked -Xswiftc -cross-module-optimization "$@"

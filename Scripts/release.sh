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

# zlib and libzstd go into the binary where their archives are, so that it needs neither package at run time: a folder
# that holds archives alone is searched before the system's, which hold both forms.
archives=$root/.build/archives
mkdir -p "$archives"
for name in libz.a libzstd.a; do
  for path in /usr/lib/"$name" /usr/lib/*/"$name"; do
    [[ ! -f $path ]] || ln -sf "$path" "$archives/$name"
  done
done

exec "$swift" build -c release --static-swift-stdlib --product torii \
  -Xswiftc -enforce-exclusivity=unchecked -Xswiftc -cross-module-optimization -Xlinker "-L$archives" "$@"

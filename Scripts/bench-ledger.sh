#!/bin/sh
# Fills a ledger and times reports on it: Scripts/bench-ledger.sh [RECORDS [FOLDER]]
# Ten million records where nothing is said; they take some 2 GB of the folder, which is .bench and is emptied before.
# Builds an executable that the package has only for this, optimised as a release build is.
set -eu
cd "$(dirname "$0")/.."
export TORII_BENCHMARKS=1
"${SWIFT:-swift}" build -c release --static-swift-stdlib --product LedgerBenchmark \
    -Xswiftc -enforce-exclusivity=unchecked -Xswiftc -cross-module-optimization -Xlinker "-L$PWD/.build/archives" >&2
folder=${2:-$PWD/.bench/ledger}
mkdir -p "$folder"
rm -f "$folder"/ledger.sqlite*
exec .build/release/LedgerBenchmark "${1:-10000000}" "$folder"

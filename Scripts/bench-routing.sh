#!/bin/sh
# Measures routing by rules without a network: Scripts/bench-routing.sh
# Builds an executable that the package has only for this, optimised as a release build is.
set -eu
cd "$(dirname "$0")/.."
export TORII_BENCHMARKS=1
"${SWIFT:-swift}" build -c release --static-swift-stdlib --product RoutingBenchmark \
    -Xswiftc -enforce-exclusivity=unchecked -Xswiftc -cross-module-optimization -Xlinker "-L$PWD/.build/archives" >&2
exec .build/release/RoutingBenchmark "$@"

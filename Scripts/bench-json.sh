#!/bin/sh
# Measures the JSON target beside Foundation: Scripts/bench-json.sh [FILE.json …]
# Compiles the sources into one module without SwiftPM, optimised as a release build is.
set -eu
cd "$(dirname "$0")/.."
mkdir -p .bench
swiftc -O -wmo -swift-version 6 -package-name torii -module-name JSONBenchmark \
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
    Sources/JSON/*.swift Benchmarks/Stopwatch.swift Benchmarks/JSON/*.swift -o .bench/json
exec .bench/json "$@"

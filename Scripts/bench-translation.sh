#!/bin/sh
# Measures translation between dialects without a network: Scripts/bench-translation.sh
# Compiles the targets one after the other without SwiftPM, each optimised as a release build is.
set -eu
cd "$(dirname "$0")/.."
out=.bench/translation
mkdir -p "$out"

compile() {
    swiftc -O -wmo -swift-version 6 -package-name torii -I "$out" \
        -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault "$@"
}

for target in JSON Inference Dialects; do
    find "Sources/$target" -name '*.swift' | sort >"$out/$target.files"
    compile -parse-as-library -c -module-name "$target" -emit-module -emit-module-path "$out/$target.swiftmodule" \
        -o "$out/$target.o" @"$out/$target.files"
done
compile -module-name TranslationBenchmark Benchmarks/Stopwatch.swift Benchmarks/Translation/*.swift "$out"/JSON.o "$out"/Inference.o "$out"/Dialects.o \
    -o "$out/run"
exec "$out/run" "$@"

#!/bin/sh
# Fuzzes the JSON target: Scripts/fuzz.sh [SECONDS], one minute if not told.
# What it finds is left in .bench/fuzz-json/ and printed; the committed corpus is only read.
set -eu
cd "$(dirname "$0")/.."
seconds="${1:-60}"
work=.bench/fuzz-json
mkdir -p "$work/corpus"
swiftc -O -wmo -swift-version 6 -package-name torii -module-name JSON -parse-as-library -suppress-warnings \
    -sanitize=fuzzer,address -assert-config Debug -use-ld=lld \
    Sources/JSON/*.swift Tests/JSONTests/Reference.swift Fuzz/FuzzJSON.swift -o "$work/fuzz"
exec "$work/fuzz" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -dict=Fuzz/json.dict -artifact_prefix="$work/" "$work/corpus" Fuzz/Corpus/JSON

#!/bin/sh
# Fuzzes everything that reads bytes from outside: Scripts/fuzz.sh [SECONDS [TARGET...]], one minute for each target
# if not told; `json` is the JSON target, the others are those of Tests/DialectsTests/DialectTargets.swift.
# What it finds is left in .bench/fuzz/ and printed; the committed corpus is only read.
set -eu
cd "$(dirname "$0")/.."
seconds="${1:-60}"
[ $# -eq 0 ] || shift
work=.bench/fuzz
dialects="request-chat request-responses request-messages request-ollama-chat request-ollama-generate
stream-chat stream-responses stream-messages stream-ollama body-chat body-responses body-messages body-ollama"
# shellcheck disable=SC2086  # One word for each target.
[ $# -gt 0 ] || set -- json $dialects
mkdir -p "$work"

compile() {
    swiftc -O -wmo -swift-version 6 -package-name torii -suppress-warnings -assert-config Debug \
        -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
        -sanitize=fuzzer,address -I "$work" "$@"
}

build_json() {
    compile -module-name JSON -parse-as-library -use-ld=lld \
        Sources/JSON/*.swift Tests/JSONTests/Reference.swift Fuzz/FuzzJSON.swift -o "$work/json"
}

build_dialects() {
    for module in JSON Inference Dialects; do
        find "Sources/$module" -name '*.swift' >"$work/$module.files"
        compile -parse-as-library -c -module-name "$module" -emit-module \
            -emit-module-path "$work/$module.swiftmodule" -o "$work/$module.o" @"$work/$module.files"
    done
    compile -module-name FuzzDialects -parse-as-library -use-ld=lld \
        Tests/DialectsTests/DialectTargets.swift Fuzz/FuzzDialects.swift \
        "$work/JSON.o" "$work/Inference.o" "$work/Dialects.o" -o "$work/dialects"
}

run() {
    name=$1
    program=$2
    seeds=$3
    mkdir -p "$work/corpus-$name"
    printf '== %s, %s s\n' "$name" "$seconds"
    FUZZ_TARGET="$name" "$work/$program" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 -dict=Fuzz/json.dict -artifact_prefix="$work/$name-" "$work/corpus-$name" "$seeds"
}

built=
for target; do
    if [ "$target" = json ]; then
        build_json
        run json json Fuzz/Corpus/JSON
    else
        [ -n "$built" ] || build_dialects
        built=yes
        run "$target" dialects "Fuzz/Corpus/Dialects/$target"
    fi
done

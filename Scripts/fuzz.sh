#!/bin/sh
# Fuzzes everything that reads bytes from outside: Scripts/fuzz.sh [SECONDS [TARGET...]], one minute for each target
# if not told; `json` is the JSON target, `masking` masks (Fuzz/FuzzMasking.swift), `journal` reads a segment of the journal,
# `frames` and `http1-*` read a connection (Fuzz/FuzzWire.swift), the others are those of
# Tests/DialectsTests/DialectTargets.swift.
# What it finds is left in .bench/fuzz/ and printed; the committed corpus is only read.
set -eu
cd "$(dirname "$0")/.."
seconds="${1:-60}"
[ $# -eq 0 ] || shift
work=.bench/fuzz
dialects="request-chat request-responses request-messages request-ollama-chat request-ollama-generate
stream-chat stream-responses stream-messages stream-ollama body-chat body-responses body-messages body-ollama"
wire="frames http1-request http1-response"
# shellcheck disable=SC2086  # One word for each target.
[ $# -gt 0 ] || set -- json masking journal $wire $dialects
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

# The part of masking that knows nothing of requests.
build_masking() {
    compile -parse-as-library -c -module-name JSON -emit-module \
        -emit-module-path "$work/JSON.swiftmodule" -o "$work/JSON.o" Sources/JSON/*.swift
    find Sources/Gateway/Masking -name '*.swift' ! -name 'TextMask+Request.swift' ! -name 'AnswerUnmasking.swift' \
        >"$work/Masking.files"
    compile -module-name FuzzMasking -parse-as-library -use-ld=lld @"$work/Masking.files" Fuzz/FuzzMasking.swift \
        "$work/JSON.o" -o "$work/masking"
}

build_dialects() {
    for module in JSON Inference Dialects; do
        find "Sources/$module" -name '*.swift' >"$work/$module.files"
        compile -parse-as-library -c -module-name "$module" -emit-module \
            -emit-module-path "$work/$module.swiftmodule" -o "$work/$module.o" @"$work/$module.files"
    done
    compile -module-name FuzzDialects -parse-as-library -use-ld=lld \
        Tests/DialectsTests/DialectTargets.swift Fuzz/FuzzTarget.swift Fuzz/FuzzDialects.swift \
        "$work/JSON.o" "$work/Inference.o" "$work/Dialects.o" -o "$work/dialects"
}

# Compiles against the packages of the debug build, with the modules of C that they stand on.
with_packages() {
    maps=$(find .build/debug/CNIO*.build/module.modulemap \
        .build/checkouts/swift-atomics/Sources/_AtomicsShims -name module.modulemap |
        sed 's/^/-Xcc -fmodule-map-file=/')
    # shellcheck disable=SC2086  # One word for each module map.
    compile -I .build/debug/Modules $maps "$@"
}

# A module with nothing but some of its files; the checks may see all that is in it.
part_of() {
    module=$1
    shift
    with_packages -enable-testing -parse-as-library -c -module-name "$module" -emit-module \
        -emit-module-path "$work/$module.swiftmodule" -o "$work/$module.o" "$@"
}

build_wire() {
    "${SWIFT:-swift}" build --target NIOCore
    find .build/debug/*NIO*.build .build/debug/*Atomics*.build .build/debug/*Collections*.build \
        .build/debug/DequeModule.build -name '*.o' -print0 | xargs -0 ar rcs "$work/packages.a"
    part_of JSON Sources/JSON/*.swift
    part_of Providers Sources/Providers/HTTP1/*.swift
    part_of Gateway Sources/Gateway/WebSocket/Frame*.swift Sources/Gateway/WebSocket/CloseCode.swift
    with_packages -module-name FuzzWire -parse-as-library -use-ld=lld \
        Tests/ProvidersTests/HTTP1/HTTP1Target.swift Tests/GatewayTests/WebSocket/FrameTarget.swift \
        Fuzz/FuzzTarget.swift Fuzz/FuzzWire.swift \
        "$work/JSON.o" "$work/Providers.o" "$work/Gateway.o" "$work/packages.a" -o "$work/wire"
}

# The reading of the journal stands on nothing but the vocabulary and zlib.
build_journal() {
    for module in JSON Inference; do
        compile -parse-as-library -c -module-name "$module" -emit-module \
            -emit-module-path "$work/$module.swiftmodule" -o "$work/$module.o" "Sources/$module"/*.swift
    done
    metering=Sources/Gateway/Metering
    compile -I Sources/CZlib -enable-testing -parse-as-library -c -module-name Gateway -emit-module \
        -emit-module-path "$work/Gateway.swiftmodule" -o "$work/Gateway.o" \
        "$metering"/Journal/JournalFrame.swift "$metering"/Journal/JournalPlace.swift \
        "$metering"/Journal/Record*.swift "$metering"/Journal/SegmentName.swift "$metering"/Journal/SegmentScan.swift \
        "$metering"/Journal/UsageRecord+Coding.swift "$metering"/UsageRecord.swift \
        "$metering"/ExchangeRecord.swift "$metering"/Prices/Money.swift "$metering"/Prices/Price.swift
    compile -I Sources/CZlib -module-name FuzzJournal -parse-as-library -use-ld=lld \
        Tests/GatewayTests/Metering/Journal/JournalTarget.swift Fuzz/FuzzJournal.swift \
        "$work/JSON.o" "$work/Inference.o" "$work/Gateway.o" -lz -o "$work/journal"
}

# Builds a program unless it has been built.
once() {
    case $built in *"$1"*) return ;; esac
    "build_$1"
    built="$built $1"
}

run() {
    name=$1
    program=$2
    seeds=$3
    words=Fuzz/json.dict
    case $name in http1-*) words=Fuzz/http1.dict ;; esac
    mkdir -p "$work/corpus-$name"
    printf '== %s, %s s\n' "$name" "$seconds"
    FUZZ_TARGET="$name" "$work/$program" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 -dict="$words" -artifact_prefix="$work/$name-" "$work/corpus-$name" "$seeds"
}

built=
for target; do
    case $target in
    json)
        once json
        run json json Fuzz/Corpus/JSON
        ;;
    masking)
        once masking
        run masking masking Fuzz/Corpus/Masking
        ;;
    journal)
        once journal
        run journal journal Fuzz/Corpus/Journal
        ;;
    frames | http1-*)
        once wire
        run "$target" wire "Fuzz/Corpus/Wire/$target"
        ;;
    *)
        once dialects
        run "$target" dialects "Fuzz/Corpus/Dialects/$target"
        ;;
    esac
done

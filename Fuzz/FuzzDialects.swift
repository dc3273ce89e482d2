import Dialects
import Inference
import JSON

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Checks one reader of the wire, named by FUZZ_TARGET, on whatever the fuzzer thinks of; a broken property traps.
///
/// `request-<endpoint>`: what is read can be translated into every dialect, or is refused, and becomes valid JSON.
/// `stream-<dialect>` and `body-<dialect>`: the events are the same at any chunking, and every caller's dialect can tell
/// them. Scripts/fuzz.sh builds this against the package's own targets.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

private let target: @Sendable ([UInt8]) -> Void = {
    let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
    // A fuzzer without a target would find nothing and say that all is well.
    guard let target = DialectTargets.all[name] else {
        fatalError("FUZZ_TARGET is one of \(DialectTargets.all.keys.sorted().joined(separator: " "))")
    }
    return target
}()

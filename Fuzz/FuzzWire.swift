#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Checks one reader of what comes over a connection, named by FUZZ_TARGET; a broken property traps.
///
/// `http1-request` and `http1-response`: HTTP/1 on both sides of the gateway. `frames`: a WebSocket. Scripts/fuzz.sh builds
/// this against the readers themselves.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

private let target: @Sendable ([UInt8]) -> Void = {
    switch getenv("FUZZ_TARGET").map({ String(cString: $0) }) {
    case "http1-request": HTTP1Target.checkRequests
    case "http1-response": HTTP1Target.checkResponses
    case "frames": FrameTarget.check
    // A fuzzer without a target would find nothing and say that all is well.
    default: fatalError("FUZZ_TARGET is http1-request, http1-response or frames")
    }
}()

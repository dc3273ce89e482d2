/// Checks the reading of a journal's segment on whatever the fuzzer thinks of; a broken property traps.
///
/// What is on a disk may be anything. Scripts/fuzz.sh builds this against the reader itself.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    JournalTarget.check(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

import NIOCore

@testable import Gateway

/// Checks the reader of a WebSocket's frames on any bytes: the fuzzer's target, and a test over its corpus.
///
/// However the bytes are cut, the same messages come out, and the same fault ends them; never is more held than one
/// message may have.
enum FrameTarget {
    static func check(_ bytes: [UInt8]) {
        let expected = read([bytes[...]])
        for size in [1, 2, 7, 64] where size < bytes.count {
            let cuts = stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
            precondition(read(cuts) == expected, "cut into pieces of \(size) it is something else")
        }
    }

    private struct Outcome: Equatable {
        var parts: [FrameReader.Part] = []
        var fault: FrameFault?
        var isUnfinished = false
    }

    private static func read(_ pieces: [ArraySlice<UInt8>]) -> Outcome {
        var reader = FrameReader(limit: limit)
        var outcome = Outcome()
        for piece in pieces {
            reader.append(ByteBuffer(bytes: piece))
            do throws(FrameFault) {
                while let part = try reader.next() { outcome.parts.append(part) }
            } catch {
                precondition(error.reason.utf8.count <= 123, "a reason that no close frame takes")
                outcome.fault = error
                return outcome
            }
            precondition(reader.heldBytes <= limit, "more is held than a message may have")
        }
        outcome.isUnfinished = reader.isUnfinished
        return outcome
    }

    private static let limit = 1_000
}

import NIOCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the table of contents holds of a response.
struct StoredContent {
    /// The items of its turn; with all that came before them where the store does not have that.
    private let input: ByteBuffer
    private let object: ByteBuffer
    let startsAnew: Bool

    /// Nil for a response that is at its provider.
    init?(_ response: KeptResponse, withHistory: Bool) {
        guard case .here(let turn) = response.content else { return nil }
        var history = withHistory && !turn.startsAnew ? turn.history : History()
        if history.isEmpty {
            input = turn.input
        } else {
            history.append(input: turn.input, output: ByteBuffer())
            input = history.joined.contiguous
        }
        object = turn.object
        startsAnew = turn.startsAnew
    }

    var bytes: Int { input.readableBytes + object.readableBytes }

    /// Lends both without a copy, for the time of `body` alone.
    func lend<Result>(_ body: (_ input: Data, _ object: Data) throws -> Result) throws -> Result {
        try input.withUnsafeReadableBytes { input in
            try object.withUnsafeReadableBytes { object in try body(Self.data(input), Self.data(object)) }
        }
    }

    private static func data(_ bytes: UnsafeRawBufferPointer) -> Data {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return Data() }
        // Only read: a statement copies what it is given into the file.
        return Data(bytesNoCopy: UnsafeMutableRawPointer(mutating: start), count: bytes.count, deallocator: .none)
    }
}

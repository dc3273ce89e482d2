import NIOCore

/// What a Responses conversation holds up to the end of one response, in the very bytes that went over the wire.
///
/// Each turn is in it once, whatever the number of turns: continuing adds to it and copies nothing that is there.
struct History: Sendable, Hashable {
    /// Each a run of JSON items with commas between them, without brackets and never empty; the oldest first.
    private(set) var pieces: [ByteBuffer] = []
    /// The length of all pieces together, without the commas between them.
    private(set) var bytes = 0

    var isEmpty: Bool { pieces.isEmpty }

    /// Adds a turn: what the caller sent for it and what came back, each a run as `ItemRun` cuts it.
    mutating func append(input: ByteBuffer, output: ByteBuffer) {
        for piece in [input, output] where piece.readableBytes > 0 {
            pieces.append(piece)
            bytes += piece.readableBytes
        }
    }

    /// The pieces with the commas between them.
    var joined: [ByteBuffer] {
        var parts: [ByteBuffer] = []
        parts.reserveCapacity(2 * pieces.count)
        for piece in pieces {
            if !parts.isEmpty { parts.append(Self.comma) }
            parts.append(piece)
        }
        return parts
    }

    static let comma = ByteBuffer(string: ",")
}

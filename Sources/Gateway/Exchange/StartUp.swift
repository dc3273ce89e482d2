import NIOCore
import Providers

/// The head and the first events of a stream of the caller's own dialect, held back until its first token: until then
/// another attempt can take its place without a trace.
struct StartUp {
    /// More than this is not held; OpenAI's first event repeats instructions and tools.
    private static let most = 1 << 20

    let status: Int
    let fields: Fields
    private(set) var pieces: [ByteBuffer] = []
    private var bytes = 0

    init(status: Int, fields: Fields) {
        self.status = status
        self.fields = fields
    }

    var isFull: Bool { bytes > Self.most }

    mutating func hold(_ piece: ByteBuffer) {
        bytes += piece.readableBytes
        pieces.append(piece)
    }
}

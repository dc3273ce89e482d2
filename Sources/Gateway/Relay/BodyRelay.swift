import NIOCore

/// Holds a response that is no stream until it is known to be whole, up to a bound (F6).
struct BodyRelay {
    let status: Int
    private(set) var bytes = ByteBuffer()
    private let limit: Int

    init(status: Int, limit: Int) {
        self.status = status
        self.limit = limit
    }

    /// Takes one more part; false means that it is more than may be held.
    mutating func take(_ part: ByteBuffer) -> Bool {
        if bytes.readableBytes == 0 {
            bytes = part
        } else {
            bytes.writeImmutableBuffer(part)
        }
        return bytes.readableBytes <= limit
    }
}

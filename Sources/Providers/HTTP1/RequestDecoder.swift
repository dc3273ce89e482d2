package import NIOCore

/// The start line and the fields of a request that has arrived.
package struct IncomingRequest: Sendable {
    package var method: String
    /// As it stands there, without control characters and spaces.
    package var target: String
    /// 1 or 0 of HTTP/1.1 and HTTP/1.0.
    package var minorVersion: Int
    package var fields: Fields
    /// Whether the client wants to send another request on this connection.
    package var keepsAlive: Bool
}

/// Requests out of the bytes of a connection, one after the other.
///
/// Strict: whatever two readers could understand differently is refused (RFC 9112 section 11.2). `next` hands over no
/// more than one part, so that the bytes of a request that came too early simply stay.
package struct RequestDecoder {
    package enum Part {
        case head(IncomingRequest)
        case body(ByteBuffer)
        case end
    }

    private let headLimit: Int
    private let fieldLimit: Int
    private var arrived = HeadBuffer()
    private var body: BodyReader?

    /// At most `headBytes` for the start line and all fields together, and `fields` fields.
    package init(headBytes: Int, fields: Int) {
        headLimit = headBytes
        fieldLimit = fields
    }

    /// Whether bytes wait to be read.
    package var hasBytes: Bool { !arrived.isEmpty }

    package mutating func append(_ bytes: ByteBuffer) {
        arrived.append(bytes)
    }

    /// Forgets what has arrived.
    package mutating func discard() {
        arrived.removeAll()
    }

    /// Hands over what has arrived and was not read, for whoever reads it in another way.
    package mutating func takeRest() -> ByteBuffer {
        defer { arrived.removeAll() }
        return arrived.bytes
    }

    /// The next part.
    ///
    /// Nil means that more has to come. After an error nothing more can be read.
    package mutating func next() throws(HTTPSyntaxError) -> Part? {
        if body != nil {
            switch try body?.next(&arrived, trailerLimit: headLimit) {
            case nil: return nil
            case .bytes(let bytes): return .body(bytes)
            case .end:
                body = nil
                return .end
            }
        }
        arrived.skipEmptyLines()
        guard !arrived.isEmpty else { return nil }
        // What is no method will not become one.
        if let first = arrived.bytes.readableBytesView.first, !Syntax.isToken(first), first != 0x0D { throw .badStart }
        guard let (request, reader) = try arrived.readHead(limit: headLimit, read) else { return nil }
        body = reader
        return .head(request)
    }

    private func read(_ bytes: UnsafeRawBufferPointer) throws(HTTPSyntaxError) -> (IncomingRequest, BodyReader) {
        var reader = HeadReader(bytes)
        guard let method = reader.word(upTo: 0x20, Syntax.isToken),
            let target = reader.word(upTo: 0x20, { $0 > 0x20 && $0 != 0x7F })
        else { throw .badStart }
        let minor = try reader.version()
        try reader.lineEnd()
        let fields = try reader.fields(limit: fieldLimit)
        let framing = reader.framing
        // HTTP/1.0 knows no chunks, and a proxy in between may not either.
        if framing.isChunked, minor == 0 { throw .badFraming }
        let request = IncomingRequest(
            method: String(decoding: method, as: UTF8.self),
            target: String(decoding: target, as: UTF8.self),
            minorVersion: minor,
            fields: fields,
            keepsAlive: !framing.closes && (minor == 1 || framing.keepsAlive)
        )
        return (request, framing.isChunked ? .chunked : .fixed(framing.contentLength ?? 0))
    }
}

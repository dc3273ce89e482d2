import NIOCore

/// Responses out of the bytes of a connection to an upstream; `begin` announces each.
struct ResponseDecoder {
    enum Part {
        case head(status: Int, fields: Fields, keepsAlive: Bool)
        case body(ByteBuffer)
        case end
    }

    private let headLimit: Int
    private let fieldLimit: Int
    private var arrived = HeadBuffer()
    private var body: BodyReader?
    private var expectsHead = false
    private var answersHead = false

    /// At most `headBytes` for the status line and all fields together, and `fields` fields.
    init(headBytes: Int, fields: Int) {
        headLimit = headBytes
        fieldLimit = fields
    }

    /// Whether bytes stand behind what has been read.
    var hasBytes: Bool { !arrived.isEmpty }

    /// Whether a body is being read that the connection's end completes.
    var endsWithConnection: Bool { body?.endsWithConnection ?? false }

    /// A request is about to be written; the answer to `HEAD` has no body, whatever its fields say.
    mutating func begin(answersHead: Bool) {
        arrived.removeAll()
        body = nil
        expectsHead = true
        self.answersHead = answersHead
    }

    mutating func append(_ bytes: ByteBuffer) {
        arrived.append(bytes)
    }

    /// The next part; nil means that more has to come, or that the response is whole.
    mutating func next() throws(HTTPSyntaxError) -> Part? {
        if body != nil {
            switch try body?.next(&arrived, trailerLimit: headLimit) {
            case nil: return nil
            case .bytes(let bytes): return .body(bytes)
            case .end:
                body = nil
                return .end
            }
        }
        while expectsHead, !arrived.isEmpty {
            if let first = arrived.bytes.readableBytesView.first, first != UInt8(ascii: "H") { throw .badStart }
            guard let (part, reader) = try arrived.readHead(limit: headLimit, read) else { return nil }
            // 100 Continue and its kin announce the response and are none.
            guard let reader else { continue }
            expectsHead = false
            body = reader
            return part
        }
        return nil
    }

    /// Without a reader for an interim response, which nobody is told of.
    private func read(_ bytes: UnsafeRawBufferPointer) throws(HTTPSyntaxError) -> (Part, BodyReader?) {
        var reader = HeadReader(bytes)
        let minor = try reader.version()
        guard reader.skip(0x20) else { throw .badStart }
        let status = try status(&reader)
        let fields = try reader.fields(limit: fieldLimit)
        let framing = reader.framing
        let isInterim = (100..<200).contains(status) && status != 101
        var keepsAlive = !framing.closes && (minor == 1 || framing.keepsAlive)
        let body: BodyReader
        if answersHead || status < 200 || status == 204 || status == 304 {
            body = .fixed(0)
        } else if framing.isChunked {
            body = .chunked
        } else if let length = framing.contentLength {
            body = .fixed(length)
        } else {
            body = .untilClose
            keepsAlive = false
        }
        return (.head(status: status, fields: fields, keepsAlive: keepsAlive), isInterim ? nil : body)
    }

    /// Three digits and a phrase, which may be missing.
    private func status(_ reader: inout HeadReader) throws(HTTPSyntaxError) -> Int {
        var status = 0
        for _ in 0..<3 {
            guard let digit = reader.digit() else { throw .badStart }
            status = status * 10 + digit
        }
        guard status >= 100 else { throw .badStart }
        if reader.skip(0x20) { reader.skipText() }
        try reader.lineEnd()
        return status
    }
}

/// Reads the lines of one whole head, which ends with an empty line.
///
/// Lines end with CRLF and with nothing else; a field is not continued on the next line.
struct HeadReader {
    let bytes: UnsafeRawBufferPointer
    private(set) var at = 0
    private(set) var framing = Framing()

    /// What the fields say about the body and the connection.
    struct Framing {
        var contentLength: Int?
        var isChunked = false
        /// Whether `Connection` names `close`, or `keep-alive`.
        var closes = false
        var keepsAlive = false
    }

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The bytes up to the next one that is `end`, which is passed over; every byte has to be `allowed`.
    mutating func word(upTo end: UInt8, _ allowed: (UInt8) -> Bool) -> UnsafeRawBufferPointer? {
        let start = at
        while at < bytes.count, bytes[at] != end {
            guard allowed(bytes[at]) else { return nil }
            at += 1
        }
        guard at < bytes.count, at > start else { return nil }
        defer { at += 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<at])
    }

    /// `HTTP/1.1` or `HTTP/1.0`, of which the minor number is returned.
    mutating func version() throws(HTTPSyntaxError) -> Int {
        guard at + 8 <= bytes.count, ASCII.begins(rest, with: "http/"), bytes[at] == UInt8(ascii: "H") else {
            throw .badStart
        }
        let (major, dot, minor) = (bytes[at + 5], bytes[at + 6], bytes[at + 7])
        guard dot == UInt8(ascii: "."), (0x30...0x39).contains(major), (0x30...0x39).contains(minor) else {
            throw .badStart
        }
        guard major == 0x31, minor <= 0x31 else { throw .wrongVersion }
        at += 8
        return Int(minor) - 0x30
    }

    /// CRLF, and nothing before it.
    mutating func lineEnd() throws(HTTPSyntaxError) {
        guard at + 1 < bytes.count, bytes[at] == 0x0D, bytes[at + 1] == 0x0A else { throw .badStart }
        at += 2
    }

    /// Passes over one byte if it is this one.
    mutating func skip(_ byte: UInt8) -> Bool {
        guard at < bytes.count, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    /// One decimal digit.
    mutating func digit() -> Int? {
        guard at < bytes.count, (0x30...0x39).contains(bytes[at]) else { return nil }
        defer { at += 1 }
        return Int(bytes[at] - 0x30)
    }

    /// Passes over what may stand in a value.
    mutating func skipText() {
        at = Syntax.endOfFieldValue(bytes, from: at)
    }

    /// All fields up to the empty line.
    mutating func fields(limit: Int) throws(HTTPSyntaxError) -> Fields {
        var fields = Fields()
        fields.reserve(16, bytes: bytes.count)
        while !(bytes[at] == 0x0D && bytes[at + 1] == 0x0A) {
            guard fields.count < limit else { throw .headTooLarge }
            guard let name = word(upTo: UInt8(ascii: ":"), Syntax.isToken) else { throw .badField }
            let value = try value()
            fields.append(name: name, value: value)
            try note(name, value)
        }
        at += 2
        return fields
    }

    private var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[at...]) }

    /// The value without white space around it, and its line's end.
    private mutating func value() throws(HTTPSyntaxError) -> UnsafeRawBufferPointer {
        while bytes[at] == 0x20 || bytes[at] == 0x09 { at += 1 }
        let start = at
        at = Syntax.endOfFieldValue(bytes, from: at)
        var end = at
        guard at + 1 < bytes.count, bytes[at] == 0x0D, bytes[at + 1] == 0x0A else { throw .badField }
        at += 2
        while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    // MARK: Framing

    private mutating func note(
        _ name: UnsafeRawBufferPointer,
        _ value: UnsafeRawBufferPointer
    ) throws(HTTPSyntaxError) {
        switch name.count {
        case 10 where ASCII.begins(name, with: "connection"): noteConnection(value)
        case 14 where ASCII.begins(name, with: "content-length"):
            guard framing.contentLength == nil, !framing.isChunked else { throw .badFraming }
            framing.contentLength = try Self.length(value)
        case 17 where ASCII.begins(name, with: "transfer-encoding"):
            let isChunked = value.count == 7 && ASCII.begins(value, with: "chunked")
            guard framing.contentLength == nil, !framing.isChunked, isChunked else { throw .badFraming }
            framing.isChunked = true
        default: break
        }
    }

    private mutating func noteConnection(_ value: UnsafeRawBufferPointer) {
        for token in value.split(separator: UInt8(ascii: ",")) {
            let bytes = token.filter { $0 != 0x20 && $0 != 0x09 }
            bytes.withUnsafeBytes { token in
                if token.count == 5, ASCII.begins(token, with: "close") { framing.closes = true }
                if token.count == 10, ASCII.begins(token, with: "keep-alive") { framing.keepsAlive = true }
            }
        }
    }

    private static func length(_ value: UnsafeRawBufferPointer) throws(HTTPSyntaxError) -> Int {
        guard !value.isEmpty else { throw .badFraming }
        var length = 0
        for byte in value {
            guard (0x30...0x39).contains(byte) else { throw .badFraming }
            let (shifted, overflows) = length.multipliedReportingOverflow(by: 10)
            let (next, carries) = shifted.addingReportingOverflow(Int(byte - 0x30))
            guard !overflows, !carries else { throw .badFraming }
            length = next
        }
        return length
    }
}

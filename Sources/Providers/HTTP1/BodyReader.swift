import NIOCore

/// Takes one message's body off the wire, by whichever framing its head declared (RFC 9112 sections 6 and 7).
struct BodyReader {
    private enum State {
        /// So many bytes are still to come.
        case fixed(Int)
        case chunkSize
        /// So many bytes of the chunk are still to come.
        case chunk(Int)
        case chunkEnd
        case trailers(bytes: Int)
        /// Everything up to the connection's end.
        case untilClose
        case ended
    }

    enum Piece {
        case bytes(ByteBuffer)
        case end
    }

    private var state: State

    /// A body of exactly so many bytes, which may be none.
    static func fixed(_ length: Int) -> BodyReader { BodyReader(state: .fixed(length)) }
    static let chunked = BodyReader(state: .chunkSize)
    static let untilClose = BodyReader(state: .untilClose)

    /// Whether the connection's end is the body's.
    var endsWithConnection: Bool { if case .untilClose = state { true } else { false } }

    /// The next piece of what has arrived; nil means that more has to come.
    mutating func next(_ arrived: inout HeadBuffer, trailerLimit: Int) throws(HTTPSyntaxError) -> Piece? {
        while true {
            switch state {
            case .fixed(0):
                state = .ended
                return .end
            case .fixed(let left):
                guard let bytes = take(left, &arrived) else { return nil }
                state = .fixed(left - bytes.readableBytes)
                return .bytes(bytes)
            case .chunkSize:
                guard let size = try arrived.readLine(limit: Self.longestSizeLine, Self.size) else { return nil }
                state = size == 0 ? .trailers(bytes: 0) : .chunk(size)
            case .chunk(let left):
                guard let bytes = take(left, &arrived) else { return nil }
                let rest = left - bytes.readableBytes
                state = rest == 0 ? .chunkEnd : .chunk(rest)
                return .bytes(bytes)
            case .chunkEnd:
                guard try arrived.readLine(limit: 2, { $0.count }) != nil else { return nil }
                state = .chunkSize
            case .trailers(let bytes):
                // They are read to find the end, and nobody is told of them.
                guard let count = try arrived.readLine(limit: trailerLimit - bytes, Self.trailer) else { return nil }
                state = count == 0 ? .ended : .trailers(bytes: bytes + count)
                if count == 0 { return .end }
            case .untilClose:
                guard let bytes = take(.max, &arrived) else { return nil }
                return .bytes(bytes)
            case .ended: return nil
            }
        }
    }

    private func take(_ most: Int, _ arrived: inout HeadBuffer) -> ByteBuffer? {
        arrived.isEmpty ? nil : arrived.readSlice(upTo: most)
    }

    /// Hexadecimal digits, and an extension that means nothing to anybody.
    private static func size(_ line: UnsafeRawBufferPointer) throws(HTTPSyntaxError) -> Int {
        var size = 0
        var digits = 0
        for byte in line {
            let lower = ASCII.lower(byte)
            switch lower {
            case 0x30...0x39: size = size << 4 | Int(lower - 0x30)
            case 0x61...0x66: size = size << 4 | Int(lower - 0x57)
            case UInt8(ascii: ";") where digits > 0:
                guard Syntax.isFieldValue(line) else { throw .badFraming }
                return size
            default: throw .badFraming
            }
            digits += 1
            guard digits <= 15 else { throw .badFraming }
        }
        guard digits > 0 else { throw .badFraming }
        return size
    }

    /// A field like one of a head, or the empty line.
    private static func trailer(_ line: UnsafeRawBufferPointer) throws(HTTPSyntaxError) -> Int {
        guard !line.isEmpty else { return 0 }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0,
            Syntax.isToken(UnsafeRawBufferPointer(rebasing: line[..<colon])), Syntax.isFieldValue(line)
        else { throw .badField }
        return line.count
    }

    private static let longestSizeLine = 1_024
}

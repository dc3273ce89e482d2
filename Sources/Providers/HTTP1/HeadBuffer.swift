import NIOCore

/// Bytes that have arrived and are not read yet; finds out when they hold a whole head.
struct HeadBuffer {
    private(set) var bytes = ByteBuffer()
    /// So much from the reader index on holds no end of a head.
    private var searched = 0

    var isEmpty: Bool { bytes.readableBytes == 0 }

    mutating func append(_ arrived: ByteBuffer) {
        if bytes.readableBytes == 0 {
            bytes = arrived
            searched = 0
        } else {
            bytes.writeImmutableBuffer(arrived)
        }
    }

    mutating func removeAll() {
        bytes = ByteBuffer()
        searched = 0
    }

    /// Passes over empty lines in front of a start line (RFC 9112 section 2.2).
    mutating func skipEmptyLines() {
        while bytes.readableBytes >= 2, bytes.getInteger(at: bytes.readerIndex, as: UInt16.self) == 0x0D0A {
            bytes.moveReaderIndex(forwardBy: 2)
            searched = 0
        }
    }

    /// Lends the head if all of it is there, and passes over it; nil means that more has to come.
    mutating func readHead<Head>(
        limit: Int,
        _ body: (UnsafeRawBufferPointer) throws(HTTPSyntaxError) -> Head
    ) throws(HTTPSyntaxError) -> Head? {
        guard let end = try headEnd() else {
            guard bytes.readableBytes <= limit else { throw .headTooLarge }
            return nil
        }
        guard end <= limit else { throw .headTooLarge }
        let head = try bytes.withUnsafeReadableBytes { (all) throws(HTTPSyntaxError) in
            try body(UnsafeRawBufferPointer(rebasing: all[..<end]))
        }
        bytes.moveReaderIndex(forwardBy: end)
        didRead()
        return head
    }

    /// Takes a slice of at most `count` bytes.
    mutating func readSlice(upTo count: Int) -> ByteBuffer? {
        defer { didRead() }
        return bytes.readSlice(length: min(count, bytes.readableBytes))
    }

    /// Takes a line of at most `limit` bytes that ends with CRLF, and lends it without its end; nil means more has to come.
    mutating func readLine<Result>(
        limit: Int,
        _ body: (UnsafeRawBufferPointer) throws(HTTPSyntaxError) -> Result
    ) throws(HTTPSyntaxError) -> Result? {
        let (result, count): (Result?, Int) = try bytes.withUnsafeReadableBytes { (all) throws(HTTPSyntaxError) in
            guard let feed = all.prefix(limit).firstIndex(of: 0x0A) else {
                guard all.count < limit else { throw .badFraming }
                return (nil, 0)
            }
            guard feed > 0, all[feed - 1] == 0x0D else { throw .badFraming }
            return (try body(UnsafeRawBufferPointer(rebasing: all[..<(feed - 1)])), feed + 1)
        }
        bytes.moveReaderIndex(forwardBy: count)
        if count > 0 { didRead() }
        return result
    }

    /// Lets go of a buffer that was read to its end: the channel then reads into the same one again.
    private mutating func didRead() {
        searched = 0
        if bytes.readableBytes == 0 { bytes = ByteBuffer() }
    }

    /// Behind the empty line.
    private mutating func headEnd() throws(HTTPSyntaxError) -> Int? {
        let start = max(searched - 3, 0)
        let end = bytes.withUnsafeReadableBytes { all -> Int? in
            var at = start
            while at + 3 < all.count {
                // The fourth byte of the end tells how far the next candidate is.
                switch all[at + 3] {
                case 0x0A:
                    if all[at] == 0x0D, all[at + 1] == 0x0A, all[at + 2] == 0x0D { return at + 4 }
                    at += 2
                case 0x0D: at += 1
                default: at += 4
                }
            }
            return nil
        }
        if end == nil { try refuseBareFeed() }
        searched = bytes.readableBytes
        return end
    }

    /// A line that ends with a line feed alone would be waited for without end.
    private func refuseBareFeed() throws(HTTPSyntaxError) {
        let isBare = bytes.withUnsafeReadableBytes { all in
            (searched..<all.count).contains { all[$0] == 0x0A && ($0 == 0 || all[$0 - 1] != 0x0D) }
        }
        if isBare { throw .badStart }
    }
}

import NIOCore
import NIOHTTP1
import Providers

/// Turns one response into HTTP/1.1 bytes, gathered so that a flush is mostly a single write.
///
/// Short pieces are copied behind each other, which is cheaper than a write each; long ones go out as they are.
struct ResponseWriter {
    /// How the end of the body shows (RFC 9112 section 6).
    private enum Framing {
        case none
        case byLength
        case chunked
        case byClose
    }

    private static let shortPiece = 8 << 10

    private var gathered = ByteBuffer()
    private var framing = Framing.none

    /// Begins a response.
    ///
    /// `keepsAlive` says whether the connection serves another request afterwards, `isHead` whether the request was
    /// `HEAD`, so that no body follows.
    mutating func begin(status: Int, fields: Fields, minorVersion: Int, keepsAlive: Bool, isHead: Bool) {
        gathered.reserveCapacity(minimumWritableBytes: 1_024)
        gathered.writeStaticString(minorVersion == 0 ? "HTTP/1.0 " : "HTTP/1.1 ")
        if status == 200 {
            gathered.writeStaticString("200 OK\r\n")
        } else {
            gathered.writeString("\(status) \(HTTPResponseStatus(statusCode: status).reasonPhrase)\r\n")
        }
        fields.write(to: &gathered)
        framing = fields.hasContentLength ? .byLength : minorVersion == 0 ? .byClose : .chunked
        if framing == .chunked { gathered.writeStaticString("transfer-encoding: chunked\r\n") }
        if !keepsAlive {
            gathered.writeStaticString("connection: close\r\n")
        } else if minorVersion == 0 {
            gathered.writeStaticString("connection: keep-alive\r\n")
        }
        gathered.writeStaticString("\r\n")
        if isHead { framing = .none }
    }

    /// Adds a piece of the body; `write` takes what is better written than gathered.
    mutating func append(_ bytes: ByteBuffer, write: (ByteBuffer) -> Void) {
        let count = bytes.readableBytes
        guard framing != .none, count > 0 else { return }
        if framing == .chunked { gathered.writeString("\(String(count, radix: 16))\r\n") }
        if count <= Self.shortPiece {
            gathered.writeImmutableBuffer(bytes)
        } else {
            if let before = take() { write(before) }
            write(bytes)
        }
        if framing == .chunked { gathered.writeStaticString("\r\n") }
        if gathered.readableBytes > 2 * Self.shortPiece, let full = take() { write(full) }
    }

    /// Ends the body.
    mutating func end() {
        if framing == .chunked { gathered.writeStaticString("0\r\n\r\n") }
        framing = .none
    }

    /// What is gathered, once; nil where there is nothing.
    mutating func take() -> ByteBuffer? {
        guard gathered.readableBytes > 0 else { return nil }
        defer { gathered = ByteBuffer() }
        return gathered
    }
}

import NIOCore
import NIOHTTP1

/// Writes a request's head, and refuses what could be read as more than one request.
enum RequestHead {
    /// Says what about the request cannot be written; nil means that all of it can.
    static func refusal(of request: UpstreamRequest) -> String? {
        guard isToken(request.method) else { return "the method is not a token" }
        guard isTarget(request.target) else { return "the request target holds a character that it cannot" }
        for (name, value) in request.fields.httpHeaders {
            guard isToken(name) else { return "a field's name is not a token" }
            guard isFieldValue(value) else { return "the field \(name) holds a control character" }
        }
        return nil
    }

    /// Appends the start line and all fields of a request that was not refused.
    ///
    /// With a `proxy` in the absolute form, and with its authorization if it wants one.
    static func write(
        _ request: UpstreamRequest,
        authority: String,
        proxy: ForwardProxy?,
        length: Int,
        to bytes: inout ByteBuffer
    ) {
        bytes.writeString(request.method)
        bytes.writeStaticString(" ")
        if proxy != nil {
            bytes.writeStaticString("http://")
            bytes.writeString(authority)
        }
        bytes.writeString(request.target)
        bytes.writeStaticString(" HTTP/1.1\r\nhost: ")
        bytes.writeString(authority)
        bytes.writeStaticString("\r\n")
        for (name, value) in request.fields.httpHeaders where !isOurs(name) {
            write(name, value, to: &bytes)
        }
        if let authorization = proxy?.authorization {
            write("proxy-authorization", authorization.reveal(), to: &bytes)
        }
        if length > 0 || expectsBody(request.method) {
            write("content-length", String(length), to: &bytes)
        }
        bytes.writeStaticString("\r\n")
    }

    private static func expectsBody(_ method: String) -> Bool {
        method == "POST" || method == "PUT" || method == "PATCH"
    }

    private static func write(_ name: String, _ value: String, to bytes: inout ByteBuffer) {
        bytes.writeString(name)
        bytes.writeStaticString(": ")
        bytes.writeString(value)
        bytes.writeStaticString("\r\n")
    }

    /// Fields that frame the message or the connection belong to the transport alone.
    private static func isOurs(_ name: String) -> Bool {
        switch name.utf8.count {
        case 4: equals(name, "host")
        case 7: equals(name, "upgrade") || equals(name, "trailer")
        case 10: equals(name, "connection") || equals(name, "keep-alive")
        case 14: equals(name, "content-length")
        case 16: equals(name, "proxy-connection")
        case 17: equals(name, "transfer-encoding")
        default: false
        }
    }

    private static func equals(_ name: String, _ lowercased: StaticString) -> Bool {
        var index = 0
        return lowercased.withUTF8Buffer { expected in
            for byte in name.utf8 {
                let lower = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
                guard lower == expected[index] else { return false }
                index += 1
            }
            return true
        }
    }

    private static func isTarget(_ target: String) -> Bool {
        target.utf8.first == UInt8(ascii: "/") && target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    private static func isFieldValue(_ value: String) -> Bool {
        value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }

    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 < 0x80 && tokenBytes[Int($0)] }
    }

    private static let tokenBytes: [Bool] = (0..<128).map { byte in
        switch UInt8(byte) {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(UInt8(byte))
        }
    }
}

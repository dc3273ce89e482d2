import NIOCore

/// Writes a request's head, and refuses what could be read as more than one request.
enum RequestHead {
    /// Says what about the request cannot be written; nil means that all of it can.
    static func refusal(of request: UpstreamRequest) -> String? {
        guard !request.method.isEmpty, request.method.utf8.allSatisfy({ Syntax.isToken($0) }) else {
            return "the method is not a token"
        }
        guard isTarget(request.target) else { return "the request target holds a character that it cannot" }
        return request.fields.fault
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
        request.fields.forEachField { field in
            if !isOurs(field) { bytes.writeBytes(field.line) }
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
    private static func isOurs(_ field: Field) -> Bool {
        switch field.name.count {
        case 4: field.isNamed("host")
        case 7: field.isNamed("upgrade") || field.isNamed("trailer")
        case 10: field.isNamed("connection") || field.isNamed("keep-alive")
        case 14: field.isNamed("content-length")
        case 16: field.isNamed("proxy-connection")
        case 17: field.isNamed("transfer-encoding")
        default: false
        }
    }

    private static func isTarget(_ target: String) -> Bool {
        target.utf8.first == UInt8(ascii: "/") && target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}

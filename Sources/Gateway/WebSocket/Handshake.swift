import Crypto
import Dialects
import NIOCore
import Providers

/// A client's wish to go on in WebSocket, checked (RFC 6455 section 4.2.1).
///
/// No subprotocol and no extension is ever agreed on.
struct Handshake {
    /// The proof that the wish was understood.
    private let accept: String

    /// Whether a `GET` asks for WebSocket.
    static func isWanted(_ caller: CallerFields) -> Bool {
        caller.upgrade.map { Self.holds("websocket", in: [$0]) } ?? false
    }

    /// - Throws: `Refusal` 400 for what is missing or malformed, 426 for another version than 13.
    init(_ fields: Fields, _ caller: CallerFields) throws(Refusal) {
        guard Self.holds("upgrade", in: fields.all("connection")) else {
            throw Self.refusal("connection", "A WebSocket handshake needs Connection: Upgrade.")
        }
        guard !caller.isChunked, caller.contentLength ?? 0 == 0 else {
            throw Self.refusal("content-length", "A WebSocket handshake has no body.").closing()
        }
        guard fields.all("sec-websocket-version") == ["13"] else {
            throw Refusal(
                .upgradeRequired,
                "Only version 13 of WebSocket is spoken here.",
                field: "sec-websocket-version"
            )
            .with("upgrade", "websocket").with("sec-websocket-version", "13")
        }
        let keys = fields.all("sec-websocket-key")
        guard keys.count == 1, let key = keys.first, Self.isKey(key) else {
            throw Self.refusal("sec-websocket-key", "Sec-WebSocket-Key must stand once, with 16 bytes in Base64.")
        }
        accept = Base64.encode(Array(Insecure.SHA1.hash(data: Array((key + Self.suffix).utf8))))
    }

    /// The head that ends the HTTP on this connection.
    func answer(requestID: String) -> ByteBuffer {
        let fields = Fields([
            ("upgrade", "websocket"), ("connection", "Upgrade"), ("sec-websocket-accept", accept),
            ("x-request-id", requestID),
        ])
        var head = ByteBuffer(string: "HTTP/1.1 101 Switching Protocols\r\n")
        fields.write(to: &head)
        head.writeStaticString("\r\n")
        return head
    }

    private static func refusal(_ field: String, _ message: String) -> Refusal {
        Refusal(.badHeader, message, field: field)
    }

    /// Whether one of a list's words is this one, which is lower-case.
    private static func holds(_ word: StaticString, in values: [String]) -> Bool {
        values.contains { value in
            value.split(separator: ",").contains { String($0.filter { $0 != " " && $0 != "\t" }).isField(word) }
        }
    }

    /// Sixteen bytes in Base64: 22 letters and two signs of padding.
    private static func isKey(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 24, bytes[22] == UInt8(ascii: "="), bytes[23] == UInt8(ascii: "=") else { return false }
        return bytes[..<22].allSatisfy {
            switch $0 {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"): true
            default: false
            }
        }
    }

    private static let suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
}

/// What a handshake said of a client, and what holds for every message that it sends.
struct AdmittedClient {
    let identity: ClientIdentity
    let certificate: ClientCertificate?
    /// The configuration and the identities that the identity belongs to.
    let generation: Int
    let revision: Int
    /// The handshake's fields, but for those that speak of WebSocket.
    let fields: Fields
    let target: RequestTarget

    init(
        identity: ClientIdentity,
        certificate: ClientCertificate?,
        generation: Int,
        revision: Int,
        fields: Fields,
        target: RequestTarget
    ) {
        self.identity = identity
        self.certificate = certificate
        self.generation = generation
        self.revision = revision
        self.target = target
        var kept = Fields()
        fields.forEachField { field in
            guard !field.nameBegins("sec-websocket-"), !field.isNamed("upgrade"), !field.isNamed("connection"),
                !field.isNamed("accept"), !(field.isNamed("openai-beta") && field.valueBegins("responses_websockets"))
            else { return }
            kept.append(field)
        }
        kept.append("accept", "text/event-stream")
        self.fields = kept
    }
}

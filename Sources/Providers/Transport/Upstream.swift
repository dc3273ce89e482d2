package import Inference
package import NIOCore

/// Header fields in their order. Hides the HTTP library's type, which only this folder and the gateway's `HTTP/` know.
package struct Fields: Sendable {}

/// Where connections go, and which of them may be shared: everything that makes two connections differ.
package struct Origin: Hashable, Sendable {
    package var scheme: BaseURL.Scheme
    package var host: String
    package var port: Int
    /// A PEM file with the only roots that are trusted; nil means the system's.
    package var caFile: String?
    /// Keeps connections of different credentials apart.
    package var partition: String
}

/// One request to an upstream, complete.
package struct UpstreamRequest: Sendable {
    package var method: String
    /// The request target, `/v1/responses` for instance.
    package var target: String
    /// All fields but `Host`, `Content-Length` and `Connection`, which the transport sets.
    package var fields: Fields
    /// The body in order; slices are written one after the other without a copy.
    package var body: [ByteBuffer]
    package var origin: Origin
    package var timeouts: Timeouts
}

/// What an exchange hears of its upstream; every call comes on the pool's event loop.
///
/// After `upstreamDidEnd` or `upstreamDidFail` nothing more comes.
package protocol UpstreamResponder: AnyObject {
    /// The response's head; `100 Continue` and its kin never reach this.
    func upstreamDidReceiveHead(status: Int, fields: Fields)
    func upstreamDidReceiveBody(_ bytes: ByteBuffer)
    /// A read is over: whatever was held back for one flush may go now.
    func upstreamDidCompleteRead()
    /// The response is whole by its own framing.
    func upstreamDidEnd()
    func upstreamDidFail(_ failure: TransportFailure)
}

/// Why an attempt on the wire failed.
package struct TransportFailure: Error, Sendable {
    package enum Kind: Sendable, Hashable {
        case nameNotFound, nameTimedOut, refused, unreachable, connectTimedOut
        case certificateExpired, certificateWrongHost, certificateUntrusted, tls
        case proxy
        case closedBeforeHead, firstByteTimedOut
        case closedInBody, idleTimedOut, totalTimedOut
        case notHTTP, responseTooLarge
    }

    package var kind: Kind
    /// The system's words, without secrets.
    package var detail: String
    /// Whether any byte of the request may have left; false means that a retry is provably safe.
    package var requestMayHaveBeenSent: Bool
}

package import NIOCore

/// Where connections go, and which of them may be shared: everything that makes two connections differ.
package struct Origin: Hashable, Sendable {
    package var scheme: BaseURL.Scheme
    package var host: String
    package var port: Int
    /// A PEM file with the only roots that are trusted; nil means the system's.
    package var caFile: String?
    /// Keeps connections of different providers apart.
    package var partition: String
    /// Keeps those of different credentials of one provider apart (T7); it is never shown.
    package var credential: Secret?

    package init(
        scheme: BaseURL.Scheme,
        host: String,
        port: Int,
        caFile: String? = nil,
        partition: String = "",
        credential: Secret? = nil
    ) {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.caFile = caFile
        self.partition = partition
        self.credential = credential
    }

    package init(_ url: BaseURL, caFile: String? = nil, partition: String = "", credential: Secret? = nil) {
        self.init(
            scheme: url.scheme,
            host: url.host,
            port: url.port,
            caFile: caFile,
            partition: partition,
            credential: credential
        )
    }

    /// `host` or `host:port` as the `Host` field has it.
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == scheme.defaultPort ? name : "\(name):\(port)"
    }
}

extension Provider {
    /// Where its connections go with the key that it has; those of another provider or another key are never shared.
    package var origin: Origin { Origin(baseURL, caFile: caFile, partition: name, credential: apiKey) }

    /// The same for each of its keys.
    package var origins: [Origin] {
        apiKeys.isEmpty ? [origin] : apiKeys.indices.map { using(credential: $0).origin }
    }
}

/// One request to an upstream, complete.
package struct UpstreamRequest: Sendable {
    package var method: String
    /// The request target, `/v1/responses` for instance.
    package var target: String
    /// All fields but `Host`, `Content-Length` and `Connection`, which the transport sets; these and
    /// `Transfer-Encoding` are left out if they are here all the same.
    package var fields: Fields
    /// The body in order; long slices are written one after the other without a copy.
    package var body: [ByteBuffer]
    package var origin: Origin
    package var timeouts: Timeouts

    package init(
        method: String,
        target: String,
        fields: Fields = Fields(),
        body: [ByteBuffer] = [],
        origin: Origin,
        timeouts: Timeouts = Timeouts()
    ) {
        self.method = method
        self.target = target
        self.fields = fields
        self.body = body
        self.origin = origin
        self.timeouts = timeouts
    }
}

/// What an exchange hears of its upstream; every call comes on the pool's event loop.
///
/// Nothing comes before `ConnectionPool.start` has returned, and nothing after `upstreamDidEnd`, `upstreamDidFail`
/// or a `cancel()`. The exchange may be cancelled or paused from inside any of these calls.
package protocol UpstreamResponder: AnyObject {
    /// The response's head; `100 Continue` and its kin never reach this.
    func upstreamDidReceiveHead(status: Int, fields: Fields)
    func upstreamDidReceiveBody(_ bytes: ByteBuffer)
    /// A read is over: whatever was held back for one flush may go now. Not called after the end.
    func upstreamDidCompleteRead()
    /// The response is whole by its own framing.
    func upstreamDidEnd()
    func upstreamDidFail(_ failure: TransportFailure)
}

package import Inference
import NIOCore

/// What is asked of a provider, before its address, key and deadlines are added.
package struct ProviderCall: Sendable {
    package var method: String
    /// The request target; see `BaseURL.target`.
    package var target: String
    /// In which dialect the provider is spoken to, for its own header fields and its errors.
    package var dialect: Dialect
    package var accept: String
    /// A JSON text; nil for a call without a body.
    package var body: [UInt8]?
    /// Shorter ones than the provider's own, for a probe.
    package var timeouts: Timeouts?

    package init(
        _ method: String,
        _ target: String,
        dialect: Dialect,
        accept: String = "application/json",
        body: [UInt8]? = nil,
        timeouts: Timeouts? = nil
    ) {
        self.method = method
        self.target = target
        self.dialect = dialect
        self.accept = accept
        self.body = body
        self.timeouts = timeouts
    }
}

extension UpstreamRequest {
    init(_ call: ProviderCall, to provider: Provider) {
        self.init(
            method: call.method,
            target: call.target,
            fields: Fields(call, to: provider),
            body: call.body.map { [ByteBuffer(bytes: $0)] } ?? [],
            origin: provider.origin,
            timeouts: call.timeouts ?? provider.timeouts
        )
    }
}

extension Fields {
    /// The key as the provider wants it, what its dialect needs, and its fixed fields, which win over both.
    init(_ call: ProviderCall, to provider: Provider) {
        self.init([("accept", call.accept), ("accept-encoding", "identity"), ("user-agent", "torii")])
        if call.body != nil { append("content-type", "application/json") }
        if call.dialect == .messages { append("anthropic-version", "2023-06-01") }
        if let key = provider.apiKey, !key.isEmpty {
            switch provider.authentication {
            case .bearer: append("authorization", "Bearer \(key.reveal())")
            case .xAPIKey: append("x-api-key", key.reveal())
            case .apiKey: append("api-key", key.reveal())
            case .none: break
            }
        }
        for header in provider.headers { set(header.name, header.value.reveal()) }
    }
}

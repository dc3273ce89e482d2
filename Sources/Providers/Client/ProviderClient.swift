import Dialects
package import Inference

/// Asks one provider's models, in whatever dialect it speaks.
package struct ProviderClient: Sendable {
    package let provider: Provider
    private let attempt: Attempt
    private let detection: DialectDetection

    package init(
        provider: Provider,
        client: UpstreamClient,
        detection: DialectDetection = .shared,
        now: @escaping @Sendable () -> Double = WallClock.seconds
    ) {
        self.provider = provider
        self.detection = detection
        attempt = Attempt(provider: provider, client: client, now: now)
    }

    /// The dialect to use: the configured one, or what the provider turns out to speak.
    package func dialect() async throws(InferenceError) -> Dialect {
        try await detection.dialect(of: attempt)
    }

    /// Asks, and hands over the answer as it comes; one that is not streamed comes as events all the same.
    ///
    /// A request without a model's name takes the provider's own.
    ///
    /// - Throws: what kept the answer from beginning. Failures later on are thrown by the stream.
    package func stream(_ request: InferenceRequest) async throws(InferenceError) -> InferenceStream {
        var request = request
        if request.model.isEmpty, let model = provider.model { request.model = model }
        guard !request.model.isEmpty else {
            let message = "No model is named, and provider \(provider.name) has none of its own."
            throw InferenceError(.invalidRequest, message, field: "model")
        }
        let wire = try WireRequest(request, dialect: try await dialect())
        let call = ProviderCall(
            "POST",
            provider.baseURL.target(wire.dialect, wire.route),
            dialect: wire.dialect,
            accept: Self.accept(wire.dialect, stream: request.stream),
            body: wire.body
        )
        let response = try await attempt.send(call)
        if let coding = response.fields.first("content-encoding"), coding != "identity" {
            let message = "Provider \(provider.name) compressed its answer, which nobody asked for."
            throw InferenceError(.malformed, message, detail: "content_encoding")
        }
        let stream = Self.isStream(response, dialect: wire.dialect, asked: request.stream)
        let decoder = Decoding.decoder(for: wire.dialect, stream: stream)
        return InferenceStream(body: response.body, decoder: decoder, provider: provider.name)
    }

    private static func accept(_ dialect: Dialect, stream: Bool) -> String {
        guard stream else { return "application/json" }
        return dialect == .ollama ? "application/x-ndjson" : "text/event-stream"
    }

    /// Servers that cannot stream answer with one body, whatever was asked; the content type tells.
    private static func isStream(_ response: UpstreamResponse, dialect: Dialect, asked: Bool) -> Bool {
        let type = response.fields.first("content-type")?.lowercased() ?? ""
        if type.hasPrefix("text/event-stream") || type.contains("ndjson") { return true }
        return asked && (dialect == .ollama || !type.hasPrefix("application/json"))
    }
}

import Dialects
package import Inference
import NIOCore

/// One try at one provider: sends a request once, within the provider's deadlines, and classifies what comes back.
package struct Attempt: Sendable {
    /// An error's body beyond this is not read.
    private static let errorLimit = 1 << 20

    let provider: Provider
    let client: UpstreamClient
    /// Seconds since 1970, for a `Retry-After` that is a date.
    let now: @Sendable () -> Double

    package init(
        provider: Provider,
        client: UpstreamClient,
        now: @escaping @Sendable () -> Double = WallClock.seconds
    ) {
        self.provider = provider
        self.client = client
        self.now = now
    }

    /// Sends a request; only an answer with a status of 200 to 299 comes back.
    ///
    /// - Throws: the transport's failure or the provider's own words, classified; a redirection is never followed.
    package func send(_ call: ProviderCall) async throws(InferenceError) -> UpstreamResponse {
        let response: UpstreamResponse
        do throws(TransportFailure) {
            response = try await client.execute(UpstreamRequest(call, to: provider))
        } catch {
            throw InferenceError(error, provider: provider.name)
        }
        guard !(200..<300).contains(response.status) else { return response }
        throw await failure(response, dialect: call.dialect)
    }

    private func failure(_ response: UpstreamResponse, dialect: Dialect) async -> InferenceError {
        if (300..<400).contains(response.status) {
            let place = response.fields.first("location").map { " to \($0)" } ?? ""
            let message = "Provider \(provider.name) redirects\(place); put the final address into its base URL."
            return InferenceError(.upstreamFailed, message, upstreamStatus: response.status, detail: "redirected")
        }
        // The status says enough if the words are cut off or too many.
        let words = (try? await response.body.collect(upTo: Self.errorLimit)) ?? []
        let hints = RetryHints(response.fields, now: now())
        return ErrorClassification.classify(status: response.status, body: words, dialect: dialect, hints: hints)
    }
}

package import Inference
import JSON
import Synchronization

/// Finds out which dialect a provider speaks when its configuration does not say, and remembers it.
///
/// Nothing that it asks can be billed or starts a model; the first rule that fits decides:
/// 1. the configured dialect;
/// 2. the host: `api.openai.com` speaks Responses, `api.anthropic.com` speaks Messages;
/// 3. `GET /api/version` with a JSON object that has a `version` is Ollama;
/// 4. `GET /v1/models` with Anthropic's page (`first_id`, `has_more`, entries of the type `model`) that is not OpenAI's
///    list as well, as a gateway's is, means Messages;
/// 5. everything else is Chat Completions, which every model server speaks.
///
/// What an answer decided is remembered for the life of the process; what a failure decided is not.
package final class DialectDetection: Sendable {
    /// The memory that the whole process shares.
    package static let shared = DialectDetection()

    /// A server that is loading a model may be slow; one that does not know the path is not.
    private static let patience = Duration.seconds(5)

    private let known = Mutex<[BaseURL: Dialect]>([:])

    package init() {}

    /// The dialect of a provider.
    ///
    /// - Throws: why the provider cannot be reached at all.
    package func dialect(of provider: Provider, client: UpstreamClient) async throws(InferenceError) -> Dialect {
        try await dialect(of: Attempt(provider: provider, client: client))
    }

    func dialect(of attempt: Attempt) async throws(InferenceError) -> Dialect {
        let provider = attempt.provider
        if let known = provider.dialect ?? Self.byHost(provider.baseURL) { return known }
        if let known = known.withLock({ $0[provider.baseURL] }) { return known }
        let (dialect, isCertain) = try await ask(attempt)
        if isCertain { known.withLock { $0[provider.baseURL] = dialect } }
        return dialect
    }

    /// What a vendor's own host is known to speak.
    package static func byHost(_ url: BaseURL) -> Dialect? {
        switch url.host {
        case "api.openai.com": .responses
        case "api.anthropic.com": .messages
        default: nil
        }
    }

    /// Whether it is OpenAI's own models that answer there, at its own host or at Azure's, in whichever dialect.
    package static func isOpenAI(_ url: BaseURL) -> Bool {
        url.host == "api.openai.com" || url.host.hasSuffix(".openai.azure.com")
    }

    private func ask(_ attempt: Attempt) async throws(InferenceError) -> (Dialect, isCertain: Bool) {
        let url = attempt.provider.baseURL
        let version = try await probe(attempt, url.target(.ollama, "/api/version"))
        if version.body?["version"]?.string != nil { return (.ollama, true) }
        let models = try await probe(attempt, url.target(.messages, "/models"))
        let isPage = models.body?["has_more"] != nil && models.body?["first_id"] != nil && models.body?["object"] == nil
        if isPage, models.body?["data"]?[0]?["type"]?.isString("model") == true { return (.messages, true) }
        return (.chat, version.wasAnswered && models.wasAnswered)
    }

    /// One question; no answer in time or an error's status means no, an unreachable host is thrown.
    private func probe(
        _ attempt: Attempt,
        _ target: String
    ) async throws(InferenceError) -> (body: JSONView?, wasAnswered: Bool) {
        var timeouts = attempt.provider.timeouts
        timeouts.firstByte = min(timeouts.firstByte, Self.patience)
        timeouts.total = min(timeouts.total, Self.patience * 2)
        do throws(InferenceError) {
            let call = ProviderCall("GET", target, dialect: .chat, timeouts: timeouts)
            let body = try await attempt.json(call, limit: 8 << 20)
            return (body, true)
        } catch {
            switch error.code {
            case .unreachable, .cancelled: throw error
            case .timedOut where error.detail != TransportFailure.Kind.firstByteTimedOut.rawValue: throw error
            // A body that is no JSON is an answer, and so is a status; a busy server's is not.
            default: return (nil, error.code == .malformed || Self.isFinal(error.upstreamStatus))
            }
        }
    }

    private static func isFinal(_ status: Int?) -> Bool {
        guard let status else { return false }
        return (400..<500).contains(status) && status != 408 && status != 429
    }
}

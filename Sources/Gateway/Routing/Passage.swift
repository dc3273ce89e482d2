import Dialects
import Inference
import Providers

/// How a request gets to its provider; docs/routing.md says the same in words.
enum Passage: Hashable {
    /// As its own bytes, to the same route.
    case bytes
    /// As a conversation in the provider's own dialect.
    case translation(Dialect)
    /// As texts to embed, in the provider's own dialect.
    case embedding(Dialect)
    /// Not at all: the provider cannot count tokens, so that they are estimated here.
    case estimate

    /// Decides by what the provider speaks; where nobody knows that, the caller's bytes have to do.
    ///
    /// Ollama serves OpenAI's and Anthropic's routes as well, but cannot be told the context's length there and keeps
    /// quiet about an answer that breaks off; so only its own routes are used for what they can do.
    ///
    /// What has to be masked never passes as its own bytes, but for texts to complete, of which each is masked where it stands.
    ///
    /// - Throws: `Refusal` 400 for what the provider has no route for.
    init(
        of route: PublicRoute,
        to provider: Provider,
        speaking dialect: Dialect?,
        masked: Bool = false
    ) throws(Refusal) {
        guard let endpoint = route.endpoint else { preconditionFailure("\(route.template) has no provider's answer") }
        if masked {
            self = try Self.masked(endpoint, route, provider, dialect)
            return
        }
        guard let dialect else {
            self = .bytes
            return
        }
        switch endpoint {
        case .chatCompletions, .responses, .messages, .ollamaChat, .ollamaGenerate:
            self = Self.speaks(provider, dialect, endpoint) ? .bytes : .translation(dialect)
        case .inputTokens, .countTokens:
            self = Self.speaks(provider, dialect, endpoint) ? .bytes : .estimate
        case .completions: self = try Self.completion(route, provider, dialect)
        case .embeddings, .ollamaEmbed, .ollamaEmbeddings:
            guard dialect != .messages else { throw Self.unsupported(route, provider, dialect) }
            self = (dialect == .ollama) == (endpoint.dialect == .ollama) ? .bytes : .embedding(dialect)
        }
    }

    /// The same for what is masked on its way: what is said is read and written anew, also in the provider's own dialect.
    private static func masked(
        _ endpoint: Endpoint,
        _ route: PublicRoute,
        _ provider: Provider,
        _ dialect: Dialect?
    ) throws(Refusal) -> Passage {
        let spoken = dialect ?? endpoint.dialect
        switch endpoint {
        case .chatCompletions, .responses, .messages, .ollamaChat, .ollamaGenerate:
            return .translation(speaks(provider, spoken, endpoint) ? endpoint.dialect : spoken)
        case .inputTokens, .countTokens: return .estimate
        case .completions: return try completion(route, provider, spoken)
        case .embeddings, .ollamaEmbed, .ollamaEmbeddings:
            guard spoken != .messages else { throw unsupported(route, provider, spoken) }
            return .embedding(spoken)
        }
    }

    /// A text to complete is no conversation: it goes on as it is, to who has the route.
    private static func completion(
        _ route: PublicRoute,
        _ provider: Provider,
        _ dialect: Dialect
    ) throws(Refusal) -> Passage {
        guard dialect == .ollama || speaks(provider, dialect, .completions) else {
            throw unsupported(route, provider, dialect)
        }
        return .bytes
    }

    /// OpenAI's own service speaks Chat Completions beside Responses.
    private static func speaks(_ provider: Provider, _ dialect: Dialect, _ endpoint: Endpoint) -> Bool {
        if endpoint.dialect == dialect { return true }
        let isOpenAI = provider.dialect == nil && DialectDetection.byHost(provider.baseURL) == .responses
        return isOpenAI && endpoint.dialect == .chat
    }

    private static func unsupported(_ route: PublicRoute, _ provider: Provider, _ dialect: Dialect) -> Refusal {
        Refusal(
            .dialectUnsupported,
            "Provider \(provider.name) speaks \(dialect.rawValue) and cannot answer \(route.path)."
        )
    }
}

import Dialects
import Inference
import Providers

/// What is known of a model at a provider, as far as a request may ask for it.
struct TargetAbility: Sendable {
    /// Why nothing can be sent there, whatever the request.
    enum Absence: Sendable, Hashable {
        /// The provider is not configured, or its key is not to be had.
        case provider
        case gatewayItself
        /// Neither the rule nor the provider names a model.
        case model
        /// The provider lists its models, and this one is not among them.
        case unlisted
    }

    var absence: Absence?
    /// Tokens that a prompt may have; nil where nobody knows.
    var inputLimit: Int?
    /// Whether nobody says so, but Ollama is known to allocate that much.
    var isAssumed = false
    var tools: Bool?
    var vision: Bool?
    var isOllama = false
    /// Whether an Ollama has the model in memory.
    var isLoaded = false

    init(absence: Absence) { self.absence = absence }

    init(_ profile: ModelProfile, isOllama: Bool, isLoaded: Bool) {
        inputLimit = profile.inputLimit
        isAssumed = profile.source == .assumed
        (tools, vision) = (profile.facts.tools, profile.facts.vision)
        (self.isOllama, self.isLoaded) = (isOllama, isLoaded)
    }

    /// Whether a target can take a request.
    enum Fit: Sendable, Hashable {
        case fits
        /// The prompt may be too long for it; such a target is tried behind the others.
        case doubtful(limit: Int)
        case cannot(TargetFault)
    }
}

extension RouteCandidate {
    /// Whether the target can take a request.
    ///
    /// An estimate that is half as much again as a window may still fit into it; what is above cannot.
    func fit(_ query: RouteQuery) -> TargetAbility.Fit {
        if let absence = ability.absence { return .cannot(.absent(absence)) }
        if let fault = costFault(query) { return .cannot(fault) }
        if let route = query.route, let endpoint = route.endpoint, !endpoint.isConversation {
            do throws(Refusal) {
                _ = try Passage(of: route, to: target.provider, speaking: target.dialect)
                return .fits
            } catch {
                return .cannot(.route(error))
            }
        }
        if query.hasTools, ability.tools == false { return .cannot(.tools) }
        if query.hasImages, ability.vision == false { return .cannot(.images) }
        guard let inputLimit = ability.inputLimit, query.tokens > inputLimit else { return .fits }
        let isSure = query.countsTokens || query.tokens / 3 * 2 > inputLimit
        return isSure && !ability.isAssumed ? .cannot(.window(inputLimit)) : .doubtful(limit: inputLimit)
    }
}

/// Why a target cannot take a request.
enum TargetFault: Sendable, Hashable {
    case absent(TargetAbility.Absence)
    case window(Int)
    case tools
    case images
    case route(Refusal)
    /// It would cost about that much, and may cost less.
    case cost(Money, most: Money)
    /// Nobody says what it costs, and it may not cost more than something.
    case unpriced

    /// The code of the failure that it would be, where one is worth a fallback.
    var code: InferenceError.Code? {
        switch self {
        case .window: .contextTooLong
        case .tools: .toolsUnsupported
        case .absent(.unlisted): .modelNotFound
        default: nil
        }
    }

    /// The words behind the target's name.
    func words(_ query: RouteQuery) -> String {
        switch self {
        case .absent(.provider): "is not configured, or its key is not to be had"
        case .absent(.gatewayItself): "is this gateway itself"
        case .absent(.model): "has no model of its own, and none is named"
        case .absent(.unlisted): "does not list the model"
        case .window(let limit):
            "takes \(limit) tokens of prompt, and this one has \(query.countsTokens ? "" : "about ")\(query.tokens)"
        case .tools: "cannot call tools"
        case .images: "cannot see images"
        case .route: "has no route for it"
        case .cost(let cost, let most): "would cost about \(cost.text) USD, and it may cost \(most.text)"
        case .unpriced: "has no price that is known, and what the request may cost is bounded"
        }
    }
}

extension Endpoint {
    /// Whether a model answers with words of its own, and may have tools, images and a window.
    var isConversation: Bool {
        switch self {
        case .chatCompletions, .responses, .messages, .ollamaChat, .ollamaGenerate: true
        case .completions, .embeddings, .ollamaEmbed, .ollamaEmbeddings, .inputTokens, .countTokens: false
        }
    }
}

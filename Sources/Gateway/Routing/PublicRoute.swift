package import Dialects
package import Inference

/// A route of the public listener.
package enum PublicRoute: Sendable, Hashable, CaseIterable {
    case chatCompletions
    case completions
    case embeddings
    case responses
    case inputTokens
    case compact
    /// One stored response; deleting it is a route of its own, of the same path.
    case response
    case responseDeletion
    case responseItems
    case responseCancel
    case messages
    case countTokens
    case models
    /// One model; its name may hold slashes.
    case model
    case ollamaChat
    case ollamaGenerate
    case ollamaEmbed
    /// Ollama's older form of it, for one text.
    case ollamaEmbeddings
    case ollamaTags
    case ollamaShow
    case ollamaProcesses
    case ollamaVersion
    case ollamaPull
    case health
    /// What Ollama's clients ask to see whether anybody is there.
    case root

    /// The path that clients call; a part that varies stands in braces.
    package var path: String {
        switch self {
        case .models: "/v1/models"
        case .compact: "/v1/responses/compact"
        case .response, .responseDeletion: "/v1/responses/{id}"
        case .responseItems: "/v1/responses/{id}/input_items"
        case .responseCancel: "/v1/responses/{id}/cancel"
        case .model: "/v1/models/{id}"
        case .ollamaTags: "/api/tags"
        case .ollamaShow: "/api/show"
        case .ollamaProcesses: "/api/ps"
        case .ollamaVersion: "/api/version"
        case .ollamaPull: "/api/pull"
        case .health: "/health"
        case .root: "/"
        default: endpoint?.rawValue ?? ""
        }
    }

    /// The one method that the route takes.
    package var method: String {
        switch self {
        case .responseDeletion: "DELETE"
        case .response, .responseItems: "GET"
        case .models, .model, .ollamaTags, .ollamaProcesses, .ollamaVersion, .health, .root: "GET"
        default: "POST"
        }
    }

    /// The value of `Allow`: who may `GET` may ask for the head alone.
    package var allowedMethods: String {
        switch self {
        case .response, .responseDeletion: "GET, HEAD, DELETE"
        default: method == "GET" ? "GET, HEAD" : "POST"
        }
    }

    /// The route as logs and metrics name it, such as `POST /v1/responses`.
    package var template: String { "\(method) \(path)" }

    /// What the bodies look like of a route that takes a model's name and is answered by its provider.
    package var endpoint: Endpoint? {
        switch self {
        case .chatCompletions: .chatCompletions
        case .completions: .completions
        case .embeddings: .embeddings
        case .responses, .compact: .responses
        case .inputTokens: .inputTokens
        case .messages: .messages
        case .countTokens: .countTokens
        case .ollamaChat: .ollamaChat
        case .ollamaGenerate: .ollamaGenerate
        case .ollamaEmbed: .ollamaEmbed
        case .ollamaEmbeddings: .ollamaEmbeddings
        default: nil
        }
    }

    /// The language of the route's errors; nil where the caller's fields have to tell.
    package var dialect: Dialect? {
        if isStoredResponse { return .responses }
        return endpoint?.dialect ?? (path.utf8.starts(with: "/api/".utf8) ? .ollama : nil)
    }

    /// Whether the route is about one response that is kept.
    package var isStoredResponse: Bool {
        switch self {
        case .response, .responseDeletion, .responseItems, .responseCancel: true
        default: false
        }
    }

    /// What stands behind a provider's base path for this route.
    package var providerRoute: String {
        switch self {
        case .ollamaShow, .ollamaProcesses, .ollamaPull: path
        case .compact: "/responses/compact"
        default: endpoint?.route ?? ""
        }
    }

    /// Finds the route of a path; nil means 404.
    ///
    /// The method only tells two routes of one path apart.
    package init?(path: String, method: String = "") {
        if let match = Self.byPath[path] {
            self = match
            return
        }
        guard let stored = ResponsePath(path) else { return nil }
        self = stored.route == .response && method == "DELETE" ? .responseDeletion : stored.route
    }

    private static let byPath = Dictionary(
        uniqueKeysWithValues: allCases.filter { !$0.path.contains("{") }.map { ($0.path, $0) }
    )
}

/// A route of one path, with what is said of it, so that nothing is made anew for the requests that name it and no more.
struct PlainRoute: Sendable {
    let route: PublicRoute
    let target: RequestTarget
    let template: String
    let dialect: Dialect?

    private init?(_ route: PublicRoute) {
        guard !route.path.contains("{"), let target = try? RequestTarget(route.path) else { return nil }
        self.route = route
        self.target = target
        template = route.template
        dialect = route.dialect
    }

    /// The route whose path is the whole target.
    init?(target: String) {
        guard let known = Self.byTarget[target] else { return nil }
        self = known
    }

    private static let byTarget = Dictionary(
        uniqueKeysWithValues: PublicRoute.allCases.compactMap { route in PlainRoute(route).map { ($0.target.path, $0) }
        }
    )
}

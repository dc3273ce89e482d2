package import Dialects

/// A route of the public listener.
package enum PublicRoute: Sendable, Hashable, CaseIterable {
    case chatCompletions
    case completions
    case embeddings
    case responses
    case messages
    case countTokens
    case models
    case health

    /// The path that clients call.
    package var path: String {
        switch self {
        case .models: "/v1/models"
        case .health: "/health"
        default: endpoint?.rawValue ?? ""
        }
    }

    /// The one method that the route takes.
    package var method: String { endpoint == nil ? "GET" : "POST" }

    /// The value of `Allow`: who may `GET` may ask for the head alone.
    package var allowedMethods: String { endpoint == nil ? "GET, HEAD" : "POST" }

    /// The route as logs and metrics name it, such as `POST /v1/responses`.
    package var template: String { "\(method) \(path)" }

    /// What the bodies look like of a route that a provider answers; nil where the gateway answers by itself.
    package var endpoint: Endpoint? {
        switch self {
        case .chatCompletions: .chatCompletions
        case .completions: .completions
        case .embeddings: .embeddings
        case .responses: .responses
        case .messages: .messages
        case .countTokens: .countTokens
        case .models, .health: nil
        }
    }

    /// What stands behind a provider's base path for this route.
    package var providerRoute: String { endpoint?.route ?? "" }

    /// Finds the route of a path; nil means 404.
    package init?(path: String) {
        guard let match = Self.byPath[path] else { return nil }
        self = match
    }

    private static let byPath = Dictionary(uniqueKeysWithValues: allCases.map { ($0.path, $0) })
}

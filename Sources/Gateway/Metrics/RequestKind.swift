import Dialects
import Inference

/// What requests are told apart by: two that are alike count in the same series.
struct RequestKind: Hashable {
    /// As the template names it, with the method in front.
    let route: String
    let status: Int
    let tenant: String
    let dialect: Dialect?
    let upstreamDialect: Dialect?
    let provider: String
    /// The one that the provider was asked for, or else the one that the caller named.
    var model: String
    let outcome: ExchangeRecord.Outcome
    let code: String?

    init(_ record: ExchangeRecord) {
        route = record.route
        status = record.status
        // Nobody is known until somebody was admitted, and an operator is of no tenant.
        tenant = record.tenant ?? (record.isLocal ? IdentitySnapshot.implicitTenant : "")
        dialect = record.dialect
        upstreamDialect = record.upstreamDialect
        provider = record.provider ?? ""
        model = record.upstreamModel ?? record.model ?? ""
        outcome = record.outcome
        code = record.code
    }

    // MARK: Labels

    /// The first word of the template; nothing for a route that there is not.
    var method: String { route.firstIndex(of: " ").map { String(route[..<$0]) } ?? "" }

    var path: String { route.firstIndex(of: " ").map { String(route[route.index(after: $0)...]) } ?? route }

    var statusClass: String { status < 100 ? "" : "\(status / 100)xx" }

    /// Why it did not go well; nothing where it did.
    var error: String { outcome == .ok ? "" : code ?? outcome.rawValue }

    /// What is asked of a model, as OpenTelemetry names it; nil for what asks none to answer.
    var operation: String? { Self.operations[route] }

    private static let operations: [String: String] = {
        var operations: [String: String] = [:]
        for route in PublicRoute.allCases {
            guard let endpoint = route.endpoint, let operation = operation(of: endpoint) else { continue }
            operations[route.template] = operation
        }
        return operations
    }()

    private static func operation(of endpoint: Endpoint) -> String? {
        switch endpoint {
        case .chatCompletions, .responses, .messages, .ollamaChat: "chat"
        case .completions, .ollamaGenerate: "text_completion"
        case .embeddings, .ollamaEmbed, .ollamaEmbeddings: "embeddings"
        case .inputTokens, .countTokens: nil
        }
    }
}

/// The series in which requests of one kind count; each is looked up when the first request needs it.
struct RequestSeries {
    let kind: RequestKind
    /// Nil for what asks no model.
    let operation: String?
    var http = unknown
    var requests = unknown
    var serverDuration = unknown
    var firstToken = unknown
    var outputToken = unknown
    var inputUsage = unknown
    var outputUsage = unknown
    var clientDuration = unknown
    var input = unknown
    var cachedInput = unknown
    var cacheWrite = unknown
    var output = unknown
    var reasoning = unknown
    var cost = unknown
    var attempt = unknown
    var translation = unknown
    var overhead = unknown
    var rejection = unknown
    var disconnect = unknown

    init(_ kind: RequestKind) {
        self.kind = kind
        operation = kind.operation
    }

    /// No series has this place.
    static let unknown = -1
}

package import Inference

/// A place that serves models: where it is, how it wants to be spoken to, and what it may cost in time.
///
/// A reference to facts that never change, so that a copy, of which every request makes several, costs no more than that;
/// setting one makes facts of its own.
package struct Provider: Sendable, Hashable {
    /// How the provider's own key is presented to it.
    package enum Authentication: String, Sendable, Hashable, CaseIterable {
        /// `Authorization: Bearer KEY`.
        case bearer
        /// `x-api-key: KEY`, as Anthropic wants it.
        case xAPIKey = "x-api-key"
        /// `api-key: KEY`, as Azure wants it.
        case apiKey = "api-key"
        /// No key is ever sent.
        case none
    }

    private struct Facts: Sendable, Hashable {
        var name: String
        var baseURL: BaseURL
        var apiKey: Secret?
        var apiKeys: [Secret]
        var credentialIndex = 0
        var authentication: Authentication
        var model: String?
        var dialect: Dialect?
        var headers: [HeaderField]
        var timeouts: Timeouts
        var caFile: String?
        var tags: [String]
        var contextLength: Int?
        var keepsResponses: Bool?
        var limits: ProviderLimits
    }

    private final class Box: Sendable {
        let facts: Facts

        init(_ facts: Facts) { self.facts = facts }
    }

    private var box: Box

    private mutating func change(_ change: (inout Facts) -> Void) {
        var facts = box.facts
        change(&facts)
        box = Box(facts)
    }

    /// The provider's name: unique, compared as bytes.
    package var name: String {
        get { box.facts.name }
        set { change { $0.name = newValue } }
    }
    package var baseURL: BaseURL {
        get { box.facts.baseURL }
        set { change { $0.baseURL = newValue } }
    }
    /// The key, already resolved from its reference; nil or empty means that none is sent.
    package var apiKey: Secret? {
        get { box.facts.apiKey }
        set { change { $0.apiKey = newValue } }
    }
    /// All keys of a provider that has several, `apiKey` among them; empty for one that does not.
    package var apiKeys: [Secret] {
        get { box.facts.apiKeys }
        set { change { $0.apiKeys = newValue } }
    }
    /// Which of them `apiKey` is, from 0: what may be told of a key.
    package var credentialIndex: Int { box.facts.credentialIndex }
    package var authentication: Authentication {
        get { box.facts.authentication }
        set { change { $0.authentication = newValue } }
    }
    /// The model that is used where the caller names none.
    package var model: String? {
        get { box.facts.model }
        set { change { $0.model = newValue } }
    }
    /// The one dialect that the provider speaks; nil means that it has to be found out.
    package var dialect: Dialect? {
        get { box.facts.dialect }
        set { change { $0.dialect = newValue } }
    }
    /// Fixed header fields for every request to the provider.
    package var headers: [HeaderField] {
        get { box.facts.headers }
        set { change { $0.headers = newValue } }
    }
    package var timeouts: Timeouts {
        get { box.facts.timeouts }
        set { change { $0.timeouts = newValue } }
    }
    /// A PEM file with certificates that are trusted instead of the system's roots.
    package var caFile: String? {
        get { box.facts.caFile }
        set { change { $0.caFile = newValue } }
    }
    package var tags: [String] {
        get { box.facts.tags }
        set { change { $0.tags = newValue } }
    }
    /// Tokens of context that an Ollama allocates for this provider's models where the caller does not say.
    ///
    /// One value for all requests: another one makes Ollama load the model anew.
    package var contextLength: Int? {
        get { box.facts.contextLength }
        set { change { $0.contextLength = newValue } }
    }
    /// Whether the provider keeps Responses itself, where it is asked in that dialect; nil leaves it to the host.
    package var keepsResponses: Bool? {
        get { box.facts.keepsResponses }
        set { change { $0.keepsResponses = newValue } }
    }
    /// What it is spared, and how much of it is asked at a time.
    package var limits: ProviderLimits {
        get { box.facts.limits }
        set { change { $0.limits = newValue } }
    }

    /// The same, decided: of all hosts only OpenAI's own is known to.
    package var isKeeper: Bool { keepsResponses ?? (DialectDetection.byHost(baseURL) == .responses) }

    package init(
        name: String,
        baseURL: BaseURL,
        apiKey: Secret? = nil,
        apiKeys: [Secret] = [],
        authentication: Authentication = .bearer,
        model: String? = nil,
        dialect: Dialect? = nil,
        headers: [HeaderField] = [],
        timeouts: Timeouts = Timeouts(),
        caFile: String? = nil,
        tags: [String] = [],
        contextLength: Int? = nil,
        keepsResponses: Bool? = nil,
        limits: ProviderLimits = ProviderLimits()
    ) {
        box = Box(
            Facts(
                name: name,
                baseURL: baseURL,
                apiKey: apiKey ?? apiKeys.first,
                apiKeys: apiKeys,
                authentication: authentication,
                model: model,
                dialect: dialect,
                headers: headers,
                timeouts: timeouts,
                caFile: caFile,
                tags: tags,
                contextLength: contextLength,
                keepsResponses: keepsResponses,
                limits: limits
            )
        )
    }

    /// Whether another one, perhaps configured otherwise in some respects, is the same service asked in the same name: what
    /// was found out of this one holds for it as well.
    package func answersAs(_ other: Provider) -> Bool {
        name == other.name && baseURL == other.baseURL && apiKey == other.apiKey && apiKeys == other.apiKeys
            && authentication == other.authentication && headers == other.headers && dialect == other.dialect
            && caFile == other.caFile
    }

    /// The same provider with another one of its keys.
    package func using(credential index: Int) -> Provider {
        var copy = self
        copy.change { facts in
            facts.apiKey = facts.apiKeys[index]
            facts.credentialIndex = index
        }
        return copy
    }

    package static func == (one: Provider, other: Provider) -> Bool {
        one.box === other.box || one.box.facts == other.box.facts
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(box.facts) }
}

/// One header field whose value may be a secret.
package struct HeaderField: Sendable, Hashable {
    package var name: String
    package var value: Secret

    package init(name: String, value: Secret) {
        self.name = name
        self.value = value
    }
}

/// A text that never shows itself in a description, a log or an error.
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    package init(_ text: String) { self.text = text }

    /// The text itself; call it only where it goes onto the wire or into a comparison.
    package func reveal() -> String { text }

    package var isEmpty: Bool { text.isEmpty }
    package var description: String { text.isEmpty ? "" : "***" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// How long each part of one attempt may take; all of them are monotonic durations.
package struct Timeouts: Sendable, Hashable {
    /// Name resolution, connection and TLS together.
    package var connect: Duration
    /// From the request's last byte to the response's head.
    ///
    /// A cold model load sends nothing, hence minutes.
    package var firstByte: Duration
    /// Between two reads of the response's body; kept below Codex's own 300 s.
    package var idle: Duration
    /// The whole attempt.
    package var total: Duration

    package init(
        connect: Duration = .seconds(10),
        firstByte: Duration = .seconds(600),
        idle: Duration = .seconds(280),
        total: Duration = .seconds(3600)
    ) {
        self.connect = connect
        self.firstByte = firstByte
        self.idle = idle
        self.total = total
    }
}

import Inference
import Providers

/// One provider as the gateway sees it; never a secret.
package struct ProviderStatus: Encodable, Sendable, Hashable {
    /// Whether it can be expected to serve.
    package enum State: String, Encodable, Sendable, Hashable, CaseIterable {
        /// It answered when it was last asked, and took its key.
        case reachable
        /// It did not, or refused its key; `reason` says why.
        case unreachable
        /// It was not asked yet.
        case unknown
        /// It is this gateway, which never serves itself.
        case own = "self"
        /// It is configured, but its secrets are not to be had.
        case leftOut = "left_out"
    }

    package let name: String
    package let state: State
    /// Why it is not reachable, or why it lists no models.
    package let reason: String?
    package let baseURL: String?
    /// What it speaks; nil where nobody knows yet.
    package let dialect: String?
    /// How many models it lists; nil where it does not list them or was not asked yet.
    package let models: Int?
    /// Exchanges that run with it.
    package var inFlight: Int?
    /// Exchanges that wait for a place at it.
    package var queued: Int?
    /// `closed`, `open` or `half_open`.
    package var breaker: String?
    /// Seconds until it is asked again.
    package var cooldown: Double?

    private enum CodingKeys: String, CodingKey {
        case name, state, reason, dialect, models, queued, breaker, cooldown
        case baseURL = "base_url"
        case inFlight = "in_flight"
    }

    /// A provider that is in use, with what its directory knows of it.
    init(_ provider: Provider, in directory: ModelDirectory, _ answer: ModelDirectory.Answer?) {
        name = provider.name
        baseURL = "\(provider.baseURL)"
        let spoken = provider.dialect ?? DialectDetection.byHost(provider.baseURL) ?? answer?.dialect
        dialect = spoken?.rawValue
        if case .models(let names) = answer?.listing { models = names.count } else { models = nil }
        let isSelf = directory.isSelf(provider)
        state = isSelf ? .own : answer.map { $0.isReachable ? .reachable : .unreachable } ?? .unknown
        reason = isSelf ? "it is this gateway, which never serves itself" : answer?.failure
    }

    /// A provider that could not come into use.
    init(_ leftOut: LeftOutProvider) {
        name = leftOut.name
        state = .leftOut
        reason = leftOut.reason
        (baseURL, dialect, models) = (nil, nil, nil)
    }
}

extension Snapshot {
    /// All providers of the configuration, those that are not in use behind the others.
    var providerStatus: [ProviderStatus] {
        let answers = directory.answers
        return settings.providers.map { ProviderStatus($0, in: directory, answers[$0.name]) }
            + settings.leftOut.map { ProviderStatus($0) }
    }
}

/// A configured provider without which the gateway serves, because its secrets are not to be had.
package struct LeftOutProvider: Sendable, Hashable {
    package var name: String
    /// Names where the secret was looked for, never what it is.
    package var reason: String

    package init(name: String, reason: String) {
        self.name = name
        self.reason = reason
    }
}

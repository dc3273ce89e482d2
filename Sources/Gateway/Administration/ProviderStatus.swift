import Inference
import NIOCore
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
        /// It is in none of the installation's regions, so that nobody is served by it.
        case otherRegion = "other_region"
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
    /// How many exchanges may run with it at a time; nil for no limit.
    package var concurrency: Int?
    /// `closed`, `open` or `half_open`: the best of all its credentials'.
    package var breaker: String?
    /// Seconds until it is asked again, where it rests with all credentials.
    package var cooldown: Double?
    package var credentials: [CredentialStatus]?

    private enum CodingKeys: String, CodingKey {
        case name, state, reason, dialect, models, queued, breaker, cooldown, credentials
        case baseURL = "base_url"
        case inFlight = "in_flight"
        case concurrency = "max_concurrent"
    }

    /// A provider that is in use, with what its directory knows of it.
    init(_ provider: Provider, in directory: ModelDirectory, _ answer: ModelDirectory.Answer?) {
        name = provider.name
        baseURL = "\(provider.baseURL)"
        let spoken = provider.dialect ?? DialectDetection.byHost(provider.baseURL) ?? answer?.dialect
        dialect = spoken?.rawValue
        if case .models(let names) = answer?.listing { models = names.count } else { models = nil }
        if directory.isSelf(provider) {
            (state, reason) = (.own, "it is this gateway, which never serves itself")
        } else if !directory.reaches(provider) {
            (state, reason) = (.otherRegion, "none of its tags is among server.limits.regions")
        } else {
            state = answer.map { $0.isReachable ? .reachable : .unreachable } ?? .unknown
            reason = answer?.failure
        }
    }

    /// Takes in how busy the provider is, and how it stands.
    mutating func note(_ load: ProviderLoad, limit: Int?) {
        (inFlight, queued, concurrency) = (load.inFlight, load.waiting, limit)
        (breaker, cooldown) = (load.breaker.rawValue, load.restSeconds)
        credentials = load.credentials.enumerated().map { CredentialStatus($0, $1) }
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
    /// All providers of the configuration, those that are not in use behind the others; `upstreams` know how they fare.
    func providerStatus(_ upstreams: ProviderStates, at now: NIODeadline) -> [ProviderStatus] {
        let answers = directory.answers
        let inUse = settings.providers.map { provider in
            var status = ProviderStatus(provider, in: directory, answers[provider.name])
            let load = upstreams.state(of: provider.name).load(at: now, credentials: max(1, provider.apiKeys.count))
            status.note(load, limit: provider.limits.concurrency)
            return status
        }
        return inUse + settings.leftOut.map { ProviderStatus($0) }
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

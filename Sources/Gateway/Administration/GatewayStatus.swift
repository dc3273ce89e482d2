import Hummingbird
import NIOCore
import Providers

/// What `/status` answers.
package struct GatewayStatus: ResponseEncodable, Sendable {
    /// One provider as the gateway sees it.
    package struct ProviderStatus: Encodable, Sendable {
        package let name: String
        package let baseURL: String
        /// How many models it lists; nil where it does not list them or was not asked yet.
        package let models: Int?
        package let problem: String?
        /// Requests that it works on, and those that wait for a place.
        package let inFlight: Int
        package let queued: Int
        /// How many it may work on at a time; nil for no limit.
        package let concurrency: Int?
        /// `closed` as long as one of its credentials is; the best of all.
        package let breaker: String
        /// Seconds until it is asked again, where it rests with all of them.
        package let cooldown: Double?
        package let credentials: [CredentialStatus]

        private enum CodingKeys: String, CodingKey {
            case name, baseURL, models, problem, queued, breaker, cooldown, credentials
            case inFlight = "in_flight"
            case concurrency = "max_concurrent"
        }
    }

    package let version: String
    package let uptimeSeconds: Int
    package let isReady: Bool
    package let isDraining: Bool
    package let connections: Int
    package let exchangesInFlight: Int
    package let exchangesSettled: Int
    package let providers: [ProviderStatus]

    private enum CodingKeys: String, CodingKey {
        case version, connections, providers
        case uptimeSeconds = "uptime_seconds"
        case isReady = "ready"
        case isDraining = "draining"
        case exchangesInFlight = "exchanges_in_flight"
        case exchangesSettled = "exchanges_settled"
    }
}

extension GatewayStatus {
    /// Reads the numbers as they are now.
    init(of shared: SharedContext, since started: NIODeadline) {
        let answers = shared.directory.answers
        version = shared.settings.version
        uptimeSeconds = Int((NIODeadline.now() - started).nanoseconds / 1_000_000_000)
        isDraining = shared.counters.isDraining
        isReady = !isDraining && !shared.settings.providers.isEmpty
        connections = shared.counters.connections
        exchangesInFlight = shared.counters.exchangesInFlight
        exchangesSettled = shared.counters.exchangesSettled
        providers = shared.settings.providers.map { provider in
            let answer = answers[provider.name]
            let models: Int? = if case .models(let names) = answer?.listing { names.count } else { nil }
            let load = shared.upstreams.state(of: provider.name).load(at: .now())
            return ProviderStatus(
                name: provider.name,
                baseURL: "\(provider.baseURL)",
                models: models,
                problem: answer?.failure,
                inFlight: load.inFlight,
                queued: load.waiting,
                concurrency: provider.limits.concurrency,
                breaker: load.breaker.rawValue,
                cooldown: load.restSeconds,
                credentials: load.credentials.enumerated().map(CredentialStatus.init)
            )
        }
    }
}

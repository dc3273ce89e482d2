import Hummingbird
import NIOCore
import Providers

/// What `/status` answers.
package struct GatewayStatus: ResponseEncodable, Sendable {
    /// What overload control measures.
    package struct Overload: Encodable, Sendable {
        /// Why new requests are turned away; nil while they are taken.
        package let shedding: OverloadReason?
        /// How many were turned away.
        package let shed: Int
        /// Of the latest event loop, smoothed.
        package let loopLagMilliseconds: Double
        /// The process's memory; nil where the system does not tell.
        package let memoryBytes: Int?

        private enum CodingKeys: String, CodingKey {
            case shedding, shed
            case loopLagMilliseconds = "loop_lag_ms"
            case memoryBytes = "memory_bytes"
        }
    }

    /// How writing down and filing what requests used goes on.
    package struct Account: Encodable, Sendable {
        /// `writable`, `failing` or `full`; nil where nothing is recorded.
        package let condition: String?
        /// Bytes of the journal that are not filed yet, and of records that wait in memory for the disk.
        package let unfiledBytes: Int
        package let spooledBytes: Int
        /// Records that could neither be written nor kept.
        package let lostRecords: Int

        private enum CodingKeys: String, CodingKey {
            case condition
            case unfiledBytes = "unfiled_bytes"
            case spooledBytes = "spooled_bytes"
            case lostRecords = "lost_records"
        }

        init(_ journal: Journal?) {
            condition = journal.map { "\($0.condition)" }
            unfiledBytes = journal?.unfiledBytes ?? 0
            spooledBytes = journal?.spooledBytes ?? 0
            lostRecords = journal?.lostRecords ?? 0
        }
    }

    /// What everybody may know.
    struct Outline: ResponseEncodable, Sendable {
        let version: String
        let uptimeSeconds: Int
        let isReady: Bool
        let isDraining: Bool
        let configOK: Int

        private enum CodingKeys: String, CodingKey {
            case version
            case uptimeSeconds = "uptime_seconds"
            case isReady = "ready"
            case isDraining = "draining"
            case configOK = "config_ok"
        }
    }

    var outline: Outline {
        Outline(
            version: version,
            uptimeSeconds: uptimeSeconds,
            isReady: isReady,
            isDraining: isDraining,
            configOK: configOK
        )
    }

    package let version: String
    package let uptimeSeconds: Int
    package let isReady: Bool
    package let isDraining: Bool
    package let connections: Int
    package let exchangesInFlight: Int
    package let exchangesSettled: Int
    /// A gauge: 1 if the latest try to read the configuration succeeded, else 0.
    package let configOK: Int
    /// Counts the configurations that came into use; 1 is the one of the start.
    package let configGeneration: Int
    /// When the one in use was read, in RFC 3339.
    package let configLoadedAt: String
    /// Why the latest try failed, with file and line; nil where it did not.
    package let configProblem: String?
    /// Keys whose new values count after a restart only.
    package let restartNeeded: [String]
    package let overload: Overload
    package let account: Account
    package let providers: [ProviderStatus]

    private enum CodingKeys: String, CodingKey {
        case version, connections, overload, account, providers
        case uptimeSeconds = "uptime_seconds"
        case isReady = "ready"
        case isDraining = "draining"
        case exchangesInFlight = "exchanges_in_flight"
        case exchangesSettled = "exchanges_settled"
        case configOK = "config_ok"
        case configGeneration = "config_generation"
        case configLoadedAt = "config_loaded_at"
        case configProblem = "config_problem"
        case restartNeeded = "config_restart_needed"
    }
}

extension OverloadReason: Encodable {}

extension GatewayStatus {
    /// Reads the numbers as they are now.
    init(of view: GatewayView) {
        let (shared, record) = (view.shared, view.reloader.record)
        let snapshot = shared.snapshot
        version = snapshot.settings.version
        uptimeSeconds = Int(view.uptime.nanoseconds / 1_000_000_000)
        isDraining = shared.counters.isDraining
        providers = snapshot.providerStatus(shared.upstreams, at: shared.clock.now)
        isReady = Readiness(providers, isDraining: isDraining).isReady
        connections = shared.counters.connections
        exchangesInFlight = shared.counters.exchangesInFlight
        exchangesSettled = shared.counters.exchangesSettled
        configOK = record.isOK ? 1 : 0
        configGeneration = record.generation
        configLoadedAt = Timestamp.dateAndTime(record.loadedAt) + "Z"
        configProblem = record.problem
        restartNeeded = record.restartNeeded
        overload = Overload(
            shedding: shared.overload.reason,
            shed: shared.overload.shed,
            loopLagMilliseconds: (shared.overload.lag / .microseconds(100)).rounded() / 10,
            memoryBytes: view.memory()
        )
        account = Account(shared.metering.journal)
    }
}

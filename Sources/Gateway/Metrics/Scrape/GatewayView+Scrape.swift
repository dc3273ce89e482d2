import NIOCore
import Providers

extension GatewayView {
    /// All metrics as they are now, the gateway's own in the order of the document and then those of its libraries.
    func families() async -> [MetricFamily] {
        let (tables, times) = (await counted(), await lags())
        let own = tables + measured(times) + process.families
        return own.filter { !$0.series.isEmpty } + LibraryMetricsSystem.library.families()
    }

    /// What all event loops together have counted, one family for each name of `GatewayMetrics.Counted`.
    ///
    /// A loop gives away one table at a time and goes on; what it costs to make something of the table is paid here.
    func counted() async -> [MetricFamily] {
        guard shared.series != nil else { return [] }
        var families: [MetricFamily] = []
        for name in GatewayMetrics.Counted.allCases { families.append(await counted(name)) }
        return families
    }

    /// The same for one of these names.
    func counted(_ name: GatewayMetrics.Counted) async -> MetricFamily {
        var parts: [MetricFamily] = []
        for loop in loops {
            // A loop that is gone counts nothing any more.
            guard let table = try? await loop.eventLoop.submit({ loop.value.metrics?.tables[name.rawValue] }).get()
            else { continue }
            parts.append(table.snapshot())
        }
        guard var whole = parts.first else { return MetricFamily(name: name.name) }
        if parts.count > 1 { whole.merge(parts: Array(parts.dropFirst())) }
        return whole
    }

    /// How late each event loop is, in seconds.
    private func lags() async -> [Double] {
        var lags: [Double] = []
        for loop in loops {
            let lag = try? await loop.eventLoop.submit { loop.value.lag }.get()
            lags.append((lag ?? .zero) / .seconds(1))
        }
        return lags
    }

    /// What is looked up and not counted.
    private func measured(_ lags: [Double]) -> [MetricFamily] {
        let budgets = GatewayBudgets(shared.identities).standings(at: shared.admissionClock.wall(), most: most)
        return GatewayMetrics.Measured.allCases.map { name in
            MetricFamily.numbers(name.name, values(of: name, lags, budgets))
        }
    }

    private typealias Value = (labels: [String], value: Double)

    private func values(
        of name: GatewayMetrics.Measured,
        _ lags: [Double],
        _ budgets: [GatewayBudgets.Standing]
    ) -> [Value] {
        switch name {
        case .inFlight: return one(Double(shared.counters.exchangesInFlight))
        case .connections: return one(Double(shared.counters.connections))
        case .tenantInFlight: return tenantsInFlight
        case .queueLength, .providerInFlight, .breaker: return providers(name)
        case .budgetLimit: return budgets.map { ($0.labels, $0.limit.usd) }
        case .budgetUsed: return budgets.map { ($0.labels, $0.used.usd) }
        case .budgetRemaining: return budgets.map { ($0.labels, $0.remaining.usd) }
        case .journalRecords, .journalBytes, .journalAge: return journal(name)
        case .reloadSuccess, .reloadTime, .generation: return one(configuration(name))
        case .loopLag: return lags.enumerated().map { number, lag in (["\(number)"], lag) }
        case .certificateExpiry:
            guard let certificateExpiry else { return [] }
            return [(["public"], Double(certificateExpiry))]
        case .build: return [([shared.snapshot.settings.version, Self.swiftVersion], 1)]
        case .shedding:
            let current = shared.overload.reason
            return OverloadReason.allCases.map { reason in ([reason.rawValue], reason == current ? 1.0 : 0.0) }
        case .series: return one(Double(shared.series?.count ?? 0))
        case .overflowed:
            let overflowed = shared.series?.overflowed ?? []
            return overflowed.map { one in ([one.name.name], Double(one.count)) }
        }
    }

    /// The value of a name without labels.
    private func one(_ value: Double) -> [Value] { [(labels: [], value: value)] }

    /// As many as there may be series of a name.
    private var most: Int { shared.series?.most ?? 0 }

    private var tenantsInFlight: [Value] {
        let tenants = shared.identities.scopes.tenants.values.sorted { $0.id < $1.id }
        return tenants.prefix(most).map { ([$0.id], Double($0.load.requests)) }
    }

    private func providers(_ name: GatewayMetrics.Measured) -> [Value] {
        let (now, settings) = (shared.clock.now, shared.snapshot.settings)
        var values: [Value] = []
        for provider in settings.providers {
            let keys = max(1, provider.apiKeys.count)
            let load = shared.upstreams.state(of: provider.name).load(at: now, credentials: keys)
            switch name {
            case .queueLength: values.append(([provider.name], Double(load.waiting)))
            case .providerInFlight: values.append(([provider.name], Double(load.inFlight)))
            default:
                for (place, credential) in load.credentials.enumerated() {
                    values.append(([provider.name, "\(place)"], Self.number(of: credential.breaker)))
                }
            }
        }
        return values
    }

    private func journal(_ name: GatewayMetrics.Measured) -> [Value] {
        guard let journal = shared.metering.journal else { return [] }
        switch name {
        case .journalRecords: return [([], Double(journal.pendingRecords))]
        case .journalBytes: return [([], Double(journal.unfiledBytes + journal.spooledBytes))]
        default: return [([], Double(journal.pendingMilliseconds) / 1e3)]
        }
    }

    private func configuration(_ name: GatewayMetrics.Measured) -> Double {
        let record = reloader.record
        switch name {
        case .reloadSuccess: return record.isOK ? 1 : 0
        case .reloadTime: return Double(record.loadedAt)
        default: return Double(record.generation)
        }
    }

    private static func number(of breaker: CredentialLoad.Breaker) -> Double {
        switch breaker {
        case .closed: 0
        case .halfOpen: 1
        case .open: 2
        }
    }

    /// The compiler's version.
    private static var swiftVersion: String {
        #if swift(>=6.4)
        return "6.4"
        #elseif swift(>=6.3)
        return "6.3"
        #else
        return "6.2"
        #endif
    }
}

package import Providers

/// Whether the gateway counts what it does, and who may read that.
package struct MetricsSettings: Sendable, Hashable {
    /// Without it nothing is counted and `/metrics` is not there; fixed from the start on.
    package var isOn: Bool
    /// What opens `/metrics` and nothing else; nil for nothing.
    package var token: Secret?
    /// Series of one name, beyond which everything counts together; fixed from the start on.
    package var maximumSeries: Int

    package init(isOn: Bool = true, token: Secret? = nil, maximumSeries: Int = 10_000) {
        self.isOn = isOn
        self.token = token
        self.maximumSeries = maximumSeries
    }

    /// Fewer tell nothing, more than the largest of them no Prometheus likes to take.
    package static let seriesBounds = 16...1_000_000
}

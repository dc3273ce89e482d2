import CoreMetrics

/// What libraries in this process count by swift-metrics, which knows one back end for a whole process.
package enum LibraryMetricsSystem {
    static let library = LibraryMetrics(reserved: GatewayMetrics.names)

    private static let isBootstrapped: Bool = {
        MetricsSystem.bootstrap(library)
        return true
    }()

    /// Has all of it counted here, and shown by `/metrics`; once more changes nothing.
    ///
    /// To be called before anything that counts is made.
    package static func bootstrap() { _ = isBootstrapped }
}

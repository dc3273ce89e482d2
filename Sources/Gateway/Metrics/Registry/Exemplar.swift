/// A request that a value of a histogram was noted for.
struct Exemplar: Sendable, Equatable {
    let requestID: String
    let value: Double
    /// Seconds since 1970.
    let at: Double
}

extension MetricFamily {
    /// A name with one number and no labels.
    static func one(_ name: MetricName, _ value: Double) -> MetricFamily { numbers(name, [([], value)]) }

    /// A name with a number for each of some label sets.
    static func numbers(_ name: MetricName, _ values: [(labels: [String], value: Double)]) -> MetricFamily {
        MetricFamily(name: name, series: values.map { Series(labels: $0.labels, value: .number($0.value)) })
    }
}

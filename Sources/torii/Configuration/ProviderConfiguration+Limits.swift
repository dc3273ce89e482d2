import Providers

/// What a provider is spared and how much of it is asked at a time, in the configuration.
extension ProviderConfiguration {
    mutating func readLimits(_ reader: MappingReader) {
        concurrency = reader.integer("max_concurrent", in: 1...100_000)
        if let queue = reader.mapping("queue") {
            queueLength = queue.integer("length", in: 0...1_000_000)
            queueTimeout = queue.duration("timeout")
        }
        if let reader = reader.mapping("breaker") {
            breaker.failures = reader.integer("failures", in: 1...1_000_000)
            breaker.errorRate = reader.number("error_rate", in: 0.01...1)
            breaker.minimum = reader.integer("minimum", in: 1...1_000_000)
            breaker.window = reader.duration("window")
            breaker.cooldown = reader.duration("cooldown")
            breaker.longestCooldown = reader.duration("max_cooldown")
        }
        if let budget = reader.mapping("retry_budget") {
            retryRatio = budget.number("ratio", in: 0...1)
            retryFloor = budget.integer("floor", in: 0...1_000_000)
        }
    }

    /// Writes what was given of them.
    func writeLimits(to yaml: inout YAMLText) {
        if let concurrency {
            yaml.add("max_concurrent", String(concurrency.value), depth: 2, origin: concurrency.origin)
        }
        write("queue", [integer("length", queueLength), duration("timeout", queueTimeout)], to: &yaml)
        write(
            "breaker",
            [
                integer("failures", breaker.failures), number("error_rate", breaker.errorRate),
                integer("minimum", breaker.minimum), duration("window", breaker.window),
                duration("cooldown", breaker.cooldown), duration("max_cooldown", breaker.longestCooldown),
            ],
            to: &yaml
        )
        write("retry_budget", [number("ratio", retryRatio), integer("floor", retryFloor)], to: &yaml)
    }

    private typealias Line = (key: String, value: String, origin: ValueOrigin)

    private func write(_ key: String, _ lines: [Line?], to yaml: inout YAMLText) {
        let given = lines.compactMap(\.self)
        if !given.isEmpty { yaml.add(key, "", depth: 2) }
        for line in given { yaml.add(line.key, line.value, depth: 3, origin: line.origin) }
    }

    private func integer(_ key: String, _ setting: Setting<Int>?) -> Line? {
        setting.map { (key, String($0.value), $0.origin) }
    }

    private func number(_ key: String, _ setting: Setting<Double>?) -> Line? {
        setting.map { (key, "\($0.value)", $0.origin) }
    }

    private func duration(_ key: String, _ setting: Setting<Duration>?) -> Line? {
        setting.map { (key, Quantity.text($0.value), $0.origin) }
    }
}

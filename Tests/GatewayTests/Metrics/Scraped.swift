import Testing

@testable import Gateway

/// What `/metrics` says, as its text stands there.
struct Scraped {
    struct Sample {
        let name: String
        let labels: [String: String]
        let value: Double
    }

    let text: String
    let samples: [Sample]

    /// Values of labels in these tests hold no quotes.
    init(_ text: String) throws {
        self.text = text
        var samples: [Sample] = []
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let plain = line.split(separator: " # ", maxSplits: 1)[0]
            let space = try #require(plain.lastIndex(of: " "), "\(line)")
            let value = try #require(Double(plain[plain.index(after: space)...]), "\(line)")
            let series = plain[..<space]
            let name = series.prefix { $0 != "{" }
            var labels: [String: String] = [:]
            for part in series.dropFirst(name.count + 1).dropLast().split(separator: "\",") {
                let pair = part.split(separator: "=\"", maxSplits: 1, omittingEmptySubsequences: false)
                try #require(pair.count == 2, "\(line)")
                labels[String(pair[0])] = String(pair[1].last == "\"" ? pair[1].dropLast() : pair[1])
            }
            samples.append(Sample(name: String(name), labels: labels, value: value))
        }
        self.samples = samples
    }

    /// The sum of all samples of a name that have these labels among theirs; nil where there is none.
    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        let found = samples.filter { sample in
            sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }
        return found.isEmpty ? nil : found.reduce(0) { $0 + $1.value }
    }

    /// All values that a label of a name has.
    func values(of label: String, _ name: String) -> Set<String> {
        Set(samples.filter { $0.name == name }.compactMap { $0.labels[label] })
    }
}

extension GatewayUnderTest {
    /// What the gateway counts and measures now.
    func metrics() async throws -> Scraped {
        let answer = try await administration("/metrics")
        try #require(answer.status == 200, "\(answer.bodyText)")
        return try Scraped(answer.bodyText)
    }

    /// Waits until a metric has a value.
    @discardableResult
    func metrics(
        _ name: String,
        _ labels: [String: String] = [:],
        are value: Double
    ) async throws -> Scraped {
        try await eventually("\(name) \(labels) \(value)") {
            let found = try await self.metrics()
            return found.value(name, labels) == value ? found : nil
        }
    }
}

import ArgumentParser

/// What rows are put together by.
enum TopGroup: String, Sendable, Hashable, CaseIterable, ExpressibleByArgument {
    case provider, model, tenant
}

/// A column; rows are sorted by one of them.
enum TopColumn: String, Sendable, Hashable, CaseIterable, ExpressibleByArgument {
    case name, requests
    case inFlight = "in-flight"
    case errors
    case firstToken = "first-token"
    case tokens, cost

    /// Those behind the name.
    static let figures = allCases.filter { $0 != .name }

    var title: String {
        switch self {
        case .name: ""
        case .requests: "REQ/S"
        case .inFlight: "IN FLIGHT"
        case .errors: "ERRORS %"
        case .firstToken: "FIRST MS"
        case .tokens: "TOKENS/S"
        case .cost: "$/MIN"
        }
    }

    /// Where the last one is behind, the first one comes again.
    var next: TopColumn {
        let all = Self.allCases
        let place = all.firstIndex(of: self) ?? 0
        return all[(place + 1) % all.count]
    }
}

/// The figures of a row: what its requests came to in so many seconds.
struct TopFigures: Sendable, Hashable {
    var counts = TopCounts()
    var seconds = 0.0

    /// The figure of a column; nil where nothing is known of it.
    func value(_ column: TopColumn) -> Double? {
        switch column {
        case .name: nil
        case .requests: each(Double(counts.requests))
        case .inFlight: Double(counts.inFlight)
        case .errors: counts.requests > 0 && seconds > 0 ? Double(counts.failed) / Double(counts.requests) * 100 : nil
        case .firstToken:
            counts.firstTokens > 0 && seconds > 0
                ? Double(counts.firstTokenMicroseconds) / Double(counts.firstTokens) / 1_000 : nil
        case .tokens: each(Double(counts.output))
        case .cost: each(counts.cost).map { $0 * 60 }
        }
    }

    /// The same as a person reads it.
    func text(_ column: TopColumn) -> String {
        guard let value = value(column).map({ min($0, 1e12) }) else { return "-" }
        switch column {
        case .inFlight, .firstToken: return String(Int(value.rounded()))
        case .cost: return Self.fourDecimals(value)
        case .name, .requests, .errors, .tokens: return Figures.tenths(value)
        }
    }

    private func each(_ amount: Double) -> Double? { seconds > 0 ? amount / seconds : nil }

    private static func fourDecimals(_ value: Double) -> String {
        let scaled = Int((value * 10_000).rounded())
        let rest = String(scaled % 10_000)
        return "\(scaled / 10_000)." + String(repeating: "0", count: 4 - rest.count) + rest
    }
}

/// How a scrape is written.
enum ExpositionFormat: Sendable, CaseIterable {
    /// Prometheus' text format 0.0.4.
    case prometheus
    /// OpenMetrics 1.0, which has units and exemplars.
    case openMetrics

    /// What the answer's `Content-Type` says.
    var contentType: String { "\(mediaType); version=\(version); charset=utf-8" }

    fileprivate var mediaType: String {
        switch self {
        case .prometheus: "text/plain"
        case .openMetrics: "application/openmetrics-text"
        }
    }

    fileprivate var anySubtype: String {
        switch self {
        case .prometheus: "text/*"
        case .openMetrics: "application/*"
        }
    }

    fileprivate var version: String {
        switch self {
        case .prometheus: "0.0.4"
        case .openMetrics: "1.0.0"
        }
    }

    /// What a client would rather have, by its `Accept`; the text format where it wants neither more or says nothing.
    static func negotiated(accept: String?) -> ExpositionFormat {
        let ranges = (accept ?? "").split(separator: ",").enumerated().map { MediaRange($1, at: $0) }
        let openMetrics = wish(for: .openMetrics, in: ranges)
        let isWanted = openMetrics.quality > 0 && openMetrics > wish(for: .prometheus, in: ranges)
        return isWanted ? .openMetrics : .prometheus
    }

    /// How much a format is wanted: the range that names it most closely says it.
    private static func wish(for format: ExpositionFormat, in ranges: [MediaRange]) -> Wish {
        var best = Wish(quality: 0, closeness: -1, position: .max)
        for range in ranges {
            guard let closeness = range.closeness(to: format), closeness >= best.closeness else { continue }
            if closeness == best.closeness, range.quality <= best.quality { continue }
            best = Wish(quality: range.quality, closeness: closeness, position: range.position)
        }
        return best
    }
}

/// How much a format is wanted: more by its weight, then by how closely it is named, then by being named earlier.
private struct Wish: Comparable {
    let quality: Double
    let closeness: Int
    let position: Int

    static func < (one: Wish, other: Wish) -> Bool {
        (one.quality, one.closeness, other.position) < (other.quality, other.closeness, one.position)
    }
}

/// One range of media types of an `Accept`.
private struct MediaRange {
    let position: Int
    let quality: Double
    private let type: String
    private let version: String?

    init(_ text: Substring, at position: Int) {
        let parts = text.split(separator: ";").map { part in
            String(part.filter { $0 != " " && $0 != "\t" && $0 != "\"" }).lowercased()
        }
        self.position = position
        type = parts.first ?? ""
        version = Self.parameter("version=", of: parts)
        let weight = Self.parameter("q=", of: parts).map { Double($0) ?? 0 } ?? 1
        quality = (0...1).contains(weight) ? weight : 0
    }

    private static func parameter(_ name: String, of parts: [String]) -> String? {
        parts.dropFirst().first { $0.hasPrefix(name) }.map { String($0.dropFirst(name.count)) }
    }

    /// How closely it names a format; nil where it does not mean it.
    func closeness(to format: ExpositionFormat) -> Int? {
        if type == "*/*" { return 0 }
        if type == format.anySubtype { return 1 }
        guard type == format.mediaType else { return nil }
        guard let version else { return 2 }
        return version == format.version ? 3 : nil
    }
}

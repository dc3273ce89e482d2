import Foundation
import Testing

@testable import Gateway

@Suite("The page about metrics")
struct MetricsDocumentTests {
    /// The rows of the table of all metrics, without backquotes.
    private static func rows() throws -> [[String]] {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../docs/metrics.md").standardizedFileURL
        let lines = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "\n")
        let start = try #require(lines.firstIndex { $0.hasPrefix("| Metric |") })
        return lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map { line in
            line.dropFirst().dropLast().components(separatedBy: "|").map {
                $0.replacing("`", with: "").trimmingCharacters(in: .whitespaces)
            }
        }
    }

    @Test("lists every metric with its type and its labels, in the code's order, and says what it means")
    func metrics() throws {
        let rows = try Self.rows()
        let expected = GatewayMetrics.names.map { name in
            [
                name.kind == .counter ? "\(name.name)_total" : name.name, "\(name.kind)",
                name.labels.joined(separator: ", "),
            ]
        }
        #expect(rows.map { Array($0.prefix(3)) } == expected)
        #expect(rows.allSatisfy { $0.count == 4 && !$0[3].isEmpty })
    }

    @Test("names are in one alphabet, each is there once, and only histograms have bounds")
    func names() {
        let names = GatewayMetrics.names
        #expect(Set(names.map(\.name)).count == names.count)
        for name in names {
            #expect(name.name.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil && !name.help.isEmpty, "\(name.name)")
            #expect(!name.name.hasSuffix("_total"), "\(name.name)")
            #expect(name.bounds.isEmpty == (name.kind != .histogram), "\(name.name)")
            #expect(name.bounds == name.bounds.sorted(), "\(name.name)")
        }
        for name in GatewayMetrics.Counted.allCases { #expect(name.name.labels.contains("tenant"), "\(name)") }
    }
}

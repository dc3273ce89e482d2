import Foundation
import Testing

@testable import Gateway

@Suite("The page about metering")
struct MeteringDocumentTests {
    /// The first cells of the rows of the table whose first column has this title.
    private static func names(behind title: String) throws -> [String] {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../../docs/metering.md").standardizedFileURL
        let lines = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "\n")
        let start = try #require(lines.firstIndex { $0.hasPrefix("| \(title) |") })
        return lines[(start + 2)...].prefix { $0.hasPrefix("| `") }.map { String($0.dropFirst(3).prefix { $0 != "`" }) }
    }

    @Test("lists the members of a record, in their order")
    func records() throws {
        #expect(try Self.names(behind: "Of a record") == UsageField.all.map(\.name))
    }

    @Test("lists the figures of a report, in their order")
    func figures() throws {
        #expect(try Self.names(behind: "Of a row") == UsageFigure.all.map(\.name))
    }

    @Test("lists what a report can be asked by")
    func dimensions() throws {
        #expect(try Self.names(behind: "Dimension") == UsageQuery.Dimension.allCases.map(\.rawValue))
    }

    @Test("names every program that is known by its user agent")
    func clients() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../../docs/metering.md").standardizedFileURL
        let line = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "\n")
            .first { $0.hasPrefix("`client` is ") }
        let words = try #require(line).prefix { $0 != "." }.matches(of: /`([a-z-]+)`/).map { String($0.output.1) }
        #expect(words == ["client"] + ClientProgram.allCases.map(\.rawValue))
    }
}

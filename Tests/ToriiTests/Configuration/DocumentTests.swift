import Foundation
import Testing

@testable import torii

@Suite struct DocumentTests {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs").path

    /// The cells of a Markdown file's table rows.
    static func rows(of name: String) throws -> [[String]] {
        let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
        return text.split(separator: "\n").filter { $0.hasPrefix("|") }.map { line in
            line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    @Test("docs/configuration.md lists every key with its type and default, in the table's order, and no other")
    func keys() throws {
        let rows = try Self.rows(of: "configuration.md")
        let start = try #require(rows.firstIndex { $0.first == "Key" })
        let listed = rows[(start + 2)...].map { Array($0.prefix(3)) }
        #expect(listed == ConfigurationKey.all.map { ["`\($0.path)`", $0.kind, $0.builtIn] })
    }

    @Test("the example in docs/configuration.md loads")
    func example() throws {
        let text = try String(contentsOfFile: "\(Self.folder)/configuration.md", encoding: .utf8)
        let blocks = text.split(separator: "```yaml\n").dropFirst().compactMap { $0.split(separator: "\n```").first }
        for block in blocks {
            let file = ConfigurationFile(path: "/f/config.yaml", format: .yaml, text: String(block))
            let configuration = try Configuration.read(file, environment: [:])
            #expect(!configuration.providers.isEmpty)
        }
        #expect(blocks.count == 2)
    }
}

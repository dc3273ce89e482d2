import Foundation
import Gateway
import Providers
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
        #expect(blocks.count == 3)
    }

    @Test("docs/routing.md has every knob of routing with its default and a reason, in the table's order")
    func knobs() throws {
        let text = try String(contentsOfFile: "\(Self.folder)/routing.md", encoding: .utf8)
        let lines = text.split(separator: "\n").drop { $0 != "### Every knob" }.drop { !$0.hasPrefix("| Key") }
        let rows = lines.prefix { $0.hasPrefix("|") }.dropFirst(2).map { line in
            line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let wanted = ConfigurationKey.all.filter {
            $0.path.hasPrefix("routes") || ["providers[].api_keys", "default_preference"].contains($0.path)
        }
        #expect(rows.map { Array($0.prefix(2)) } == wanted.map { ["`\($0.path)`", $0.builtIn] })
        #expect(rows.allSatisfy { $0.count == 3 && !$0[2].isEmpty })
    }

    @Test("the defaults of docs/routing.md are those of a rule that says nothing")
    func defaults() throws {
        let rule = RouteRule("r", targets: [.init("a")])
        let policy = rule.policy
        let found: [String: String] = [
            "strategy": rule.strategy.rawValue, "affinity": "\(rule.keepsSessions)",
            "loaded_first": "\(rule.loadedFirst)", "targets[].weight": Figures.amount(rule.targets[0].weight),
            "attempts.retries": "\(policy.retries)", "attempts.backoff": Quantity.text(policy.backoff),
            "attempts.longest_wait": Quantity.text(policy.longestWait),
            "attempts.repeats_sent": "\(policy.repeatsSent)", "attempts.hedges": "\(policy.hedges)",
        ]
        #expect(policy.holdsHead == nil)
        for (key, value) in found {
            let documented = ConfigurationKey.all.first { $0.path == "routes[].\(key)" }
            #expect(documented?.builtIn == "`\(value)`", "\(key)")
        }
    }

    @Test("the example in docs/routing.md loads, and none of its rules is in vain")
    func routes() throws {
        let text = try String(contentsOfFile: "\(Self.folder)/routing.md", encoding: .utf8)
        let block = try #require(text.split(separator: "```yaml\n").dropFirst().first?.split(separator: "\n```").first)
        // The example's zone, on a machine that may have no database.
        let plain = block.replacing(", zone: Europe/Berlin", with: "")
        #expect(plain != block)
        let file = ConfigurationFile(path: "/f/config.yaml", format: .yaml, text: String(plain))
        let configuration = try Configuration.read(file, environment: [:])
        #expect(configuration.routes.count == 4)
        #expect(configuration.warnings.isEmpty)
    }
}

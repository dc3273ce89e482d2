import Foundation
import Gateway
import Testing

@testable import torii

/// The pages of docs/clients: settings that people copy.
@Suite struct ClientPagesTests {
    private static let folder = "\(DocumentTests.folder)/clients"

    static func pages() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".md") }.sorted()
    }

    private static func text(_ page: String) throws -> String {
        try String(contentsOfFile: "\(folder)/\(page)", encoding: .utf8)
    }

    /// The blocks of one language.
    private static func blocks(_ language: String, of text: String) -> [String] {
        text.components(separatedBy: "```\(language)\n").dropFirst().compactMap {
            $0.components(separatedBy: "\n```").first
        }
    }

    @Test("every client has its page, and the README leads to each")
    func linked() throws {
        let pages = try Self.pages()
        #expect(pages == ["aider.md", "claude-code.md", "codex.md", "open-webui.md", "opencode.md", "sdks.md"])
        let readme = try String(contentsOfFile: "\(DocumentTests.folder)/../README.md", encoding: .utf8)
        for page in pages { #expect(readme.contains("(docs/clients/\(page))"), "\(page)") }
    }

    @Test("settings in TOML, JSON and YAML can be read", arguments: try pages())
    func settings(page: String) throws {
        let text = try Self.text(page)
        var count = Self.blocks("sh", of: text).count + Self.blocks("python", of: text).count
        for format in [ConfigurationFormat.toml, .json, .yaml] {
            for block in Self.blocks(format.rawValue, of: text) {
                _ = try format.tree(of: block, file: page)
                count += 1
            }
        }
        #expect(count > 0, "\(page) shows no settings")
    }

    @Test("a configuration of torii's own is one that torii takes", arguments: try pages())
    func configuration(page: String) throws {
        for block in Self.blocks("yaml", of: try Self.text(page)) where block.hasPrefix("providers:") {
            let file = ConfigurationFile(path: "/f/config.yaml", format: .yaml, text: block)
            _ = try Configuration.read(file, environment: [:])
        }
    }

    @Test("commands of torii have the flags that they are shown with")
    func flags() async throws {
        let commands = try await CommandDocumentTests.commands()
        var count = 0
        for page in try Self.pages() {
            let lines = Self.blocks("sh", of: try Self.text(page)).joined(separator: "\n").split(separator: "\n")
            for line in lines where line.hasPrefix("torii ") {
                let words = line.prefix { $0 != "#" && $0 != "&" && $0 != "|" }.split(separator: " ").map(String.init)
                let own = words.prefix { $0 != "--" }
                let command = commands.keys.filter { (own.joined(separator: " ") + " ").hasPrefix($0 + " ") }.max {
                    $0.count < $1.count
                }
                let known = try #require(command.flatMap { commands[$0] }, "\(page): \(line)")
                for flag in own where flag.hasPrefix("--") { #expect(known.contains(flag), "\(page): \(flag)") }
                count += 1
            }
        }
        #expect(count > 5)
    }

    @Test("every address ends in a route that the gateway has, or in one that clients put theirs behind")
    func routes() throws {
        let known = Set(PublicRoute.allCases.map(\.path)).union(["/v1", ""])
        for page in try Self.pages() {
            let text = try Self.text(page)
            for match in text.matches(of: #/http:\/\/[a-z0-9.]+:8787([A-Za-z0-9_.\/]*)/#) {
                var path = String(match.1)
                while path.hasSuffix(".") { path.removeLast() }
                #expect(known.contains(path), "\(page): \(match.0)")
            }
        }
    }
}

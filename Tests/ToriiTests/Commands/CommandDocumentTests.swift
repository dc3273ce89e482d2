import Foundation
import Testing

@testable import torii

@Suite struct CommandDocumentTests {
    /// Every command that does something, with its flags and arguments as the parser knows them.
    static func commands() async throws -> [String: Set<String>] {
        let scratch = try Scratch()
        let result = try await Binary(home: scratch.path).run("--experimental-dump-help")
        let dump = try JSONDecoder().decode(Dump.self, from: Data(result.output.utf8))
        var found: [String: Set<String>] = [:]
        dump.command.collect(path: [], into: &found)
        return found
    }

    private struct Dump: Decodable { var command: Command }

    private struct Command: Decodable {
        struct Argument: Decodable {
            struct Name: Decodable {
                var name: String
                var kind: String
            }
            var kind: String
            var names: [Name]?
            var valueName: String?
        }

        var commandName: String
        var subcommands: [Command]?
        var arguments: [Argument]?

        func collect(path: [String], into found: inout [String: Set<String>]) {
            let path = path + [commandName]
            let below = (subcommands ?? []).filter { $0.commandName != "help" }
            for command in below { command.collect(path: path, into: &found) }
            guard below.isEmpty else { return }
            let flags = (arguments ?? []).flatMap { argument -> [String] in
                if argument.kind == "positional" { return [(argument.valueName ?? "").uppercased()] }
                return (argument.names ?? []).filter { $0.kind == "long" }.map { "--" + $0.name }
            }
            found[path.joined(separator: " ")] = Set(flags).subtracting(["--help", "--version"])
        }
    }

    @Test("docs/cli.md has every command with every flag and no other")
    func flags() async throws {
        let text = try String(contentsOfFile: "\(DocumentTests.folder)/cli.md", encoding: .utf8)
        var documented: [String: Set<String>] = [:]
        for section in text.components(separatedBy: "\n## ").dropFirst() {
            let lines = section.split(separator: "\n")
            guard let title = lines.first, title.hasPrefix("torii ") else { continue }
            let cells = lines.filter { $0.hasPrefix("| `") }.compactMap { $0.split(separator: "|").first }
            let words = cells.joined(separator: " ").split(whereSeparator: { " `,".contains($0) }).map(String.init)
            let flags = words.filter { $0.hasPrefix("--") }
            let positional = cells.filter { !$0.contains("--") }
                .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
            documented[String(title)] = Set(flags + positional)
        }
        #expect(documented == (try await Self.commands()))
    }

    @Test("docs/cli.md has every exit code")
    func exitCodes() throws {
        let rows = try DocumentTests.rows(of: "cli.md")
        let start = try #require(rows.firstIndex { $0.first == "Code" })
        let listed = rows[(start + 2)...].map { Array($0.prefix(2)) }
        #expect(listed == ExitStatus.allCases.map { ["\($0.rawValue)", "\($0)"] })
    }

    @Test("the manual page and the help have every command and every flag of a prompt")
    func manual() async throws {
        let page = try String(contentsOfFile: "\(DocumentTests.folder)/torii.1", encoding: .utf8)
            .replacing("\\-", with: "-").replacing(#/\\f./#, with: "")
        let commands = try await Self.commands()
        for (command, flags) in commands {
            let name = command.dropFirst("torii ".count)
            #expect(page.contains(".B \(name)"), "torii.1 lacks \(name)")
            #expect(HelpText.root.contains("  \(name.prefix { $0 != " " }) "), "the help lacks \(name)")
            for flag in flags { #expect(page.contains(flag), "torii.1 lacks \(flag) of \(name)") }
        }
        for flag in commands["torii run"] ?? [] { #expect(HelpText.root.contains(flag), "the help lacks \(flag)") }
        for status in ExitStatus.allCases { #expect(page.contains(".B \(status.rawValue)\n")) }
    }

    @Test("completions are printed for each shell", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) async throws {
        let scratch = try Scratch()
        let result = try await Binary(home: scratch.path).run("completions", shell)
        #expect(result.status == 0)
        #expect(result.output.contains("providers"))
    }
}

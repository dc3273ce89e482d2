import Dialects
import Foundation
import Providers
import Testing

@testable import Gateway

@Suite("docs/routing.md says what the table does")
struct RoutingDocumentTests {
    /// One row of the document's table of cases.
    struct Case: Sendable, CustomTestStringConvertible {
        var header: String?
        var model: String
        /// A provider's name, or a status.
        var target: String
        var upstreamModel: String

        var testDescription: String { "\(header ?? "") \(model)" }
    }

    private static func text() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../docs/routing.md")
        return try String(contentsOf: root, encoding: .utf8)
    }

    static func cases() throws -> [Case] {
        let rows = try text().split(separator: "\n").drop { !$0.hasPrefix("| `x-provider`") }.dropFirst(2).prefix {
            $0.hasPrefix("|")
        }
        return rows.map { row in
            let cells = row.split(separator: "|", omittingEmptySubsequences: false).dropFirst().map { cell in
                cell.filter { $0 != "`" && $0 != " " }
            }
            return Case(
                header: cells[0].isEmpty ? nil : cells[0],
                model: cells[1],
                target: cells[2],
                upstreamModel: cells[3]
            )
        }
    }

    private static func provider(_ name: String, port: Int, model: String? = nil) throws -> Provider {
        try Provider(name: name, baseURL: BaseURL("http://127.0.0.1:\(port)"), model: model)
    }

    /// The providers that the document names in front of its table.
    static func table(defaultProvider: String = "openai") throws -> RoutingTable {
        let providers = try [
            provider("openai", port: 1), provider("ollama", port: 11_434, model: "gpt-oss:20b"),
            provider("house", port: 2, model: "coder"),
            provider("spare", port: 3, model: "coder"), provider("internal-proxy", port: 8787),
        ]
        return RoutingTable(
            providers: providers,
            defaultProvider: defaultProvider,
            aliases: [
                ModelAlias("claude-*", model: "house/big"), ModelAlias("claude-haiku-*", model: "gpt-oss:20b"),
                ModelAlias("fast", model: "gpt-5.2-mini"), ModelAlias("lost", model: "nothing"),
            ],
            isSelf: { $0.name == "internal-proxy" },
            listings: [
                "openai": .models(["gpt-5.2", "gpt-5.2-mini"]),
                "ollama": .models(["gpt-oss:20b", "qwen3:latest", "llama3.3:70b"]),
            ]
        )
    }

    @Test("every row of the document holds")
    func rows() throws {
        let cases = try Self.cases()
        #expect(cases.count >= 20)
        let table = try Self.table()
        for row in cases {
            let (target, model) = Self.result(of: row.model, header: row.header, in: table)
            #expect(target == row.target, "\(row)")
            #expect(model == row.upstreamModel, "\(row)")
        }
    }

    @Test("the sentences below the table hold")
    func sentences() throws {
        let text = try Self.text()
        #expect(text.contains("With `default_provider: spare`, `coder` goes to `spare`."))
        #expect(
            Self.result(of: "coder", header: nil, in: try Self.table(defaultProvider: "spare")) == ("spare", "coder")
        )
        #expect(
            text.contains("With `default_provider: house`, which lists nothing, `gpt-5.3` goes to `house` as it is.")
        )
        #expect(
            Self.result(of: "gpt-5.3", header: nil, in: try Self.table(defaultProvider: "house")) == (
                "house", "gpt-5.3"
            )
        )
    }

    /// A provider and a model, or a status.
    static func result(of model: String?, header: String?, in table: RoutingTable) -> (String, String) {
        do throws(Refusal) {
            let decision = try table.resolve(model: model, header: header)
            return (decision.provider.name, decision.model)
        } catch {
            return ("\(error.body.status)", "")
        }
    }
}

import Foundation
import JSON
import Testing

@testable import torii

@Suite struct CapturesCommandTests {
    private static func view(_ text: String) throws -> JSONView { try JSONDocument(Array(text.utf8)).root }

    @Test("captures are a table, with the name of whoever is no user")
    func table() throws {
        let rows = try Self.view(
            """
            [{"id":"a","at":"2027-01-15T08:00:00Z","expires_at":"2027-02-14T08:00:00Z","tenant":"ten_1","team":null,
            "user":"user_1","subject":null,"key":"k1","request_id":"r","route":"POST /v1/responses","provider":"house",
            "model":"m","outcome":"ok","status":200,"cut":false},
            {"id":"b","at":"2027-01-15T08:00:01Z","expires_at":"2027-02-14T08:00:01Z","tenant":"ten_1","team":null,
            "user":null,"subject":"ada","key":null,"request_id":"r","route":"POST /v1/responses","provider":null,
            "model":null,"outcome":"failed","status":502,"cut":true}]
            """
        )
        let expected = """
            ID  AT                    TENANT  USER    KEY  PROVIDER  MODEL  STATUS  OUTCOME  EXPIRES AT
            a   2027-01-15T08:00:00Z  ten_1   user_1  k1   house     m      200     ok       2027-02-14T08:00:00Z
            b   2027-01-15T08:00:01Z  ten_1   ada     -    -         -      502     failed   2027-02-14T08:00:01Z

            """
        #expect(CapturesTable.text(rows.elements.map { $0 }) == expected)
    }

    @Test("pages are put together to one array, or to lines")
    func rows() throws {
        let pages = [#"{"data":[{"a":1},{"b":2}]}"#, #"{"data":[]}"#, #"{"data":[{"c":3}]}"#]
        var (array, lines) = (JSONRows(isArray: true), JSONRows(isArray: false))
        var (arrayText, linesText) = ("", "")
        for page in pages {
            arrayText += array.text(of: try Self.view(page))
            linesText += lines.text(of: try Self.view(page))
        }
        #expect(arrayText + array.end == #"[{"a":1},{"b":2},{"c":3}]"# + "\n" && array.count == 3)
        #expect(linesText + lines.end == "{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n")
        #expect(JSONRows(isArray: true).end == "[]\n")
    }

    @Test("what a tenant has kept is listed, exported masked and erased, and the audit log has it")
    func running() async throws {
        let scratch = try Scratch()
        let text = "providers: [{name: demo, base_url: 'scripted:', model: m}]\nprices: {unknown: free}\n"
        let file = try scratch.write("config.yaml", text)
        let binary = Binary(home: scratch.path)
        let local = ["--config", file]
        let tenant = try await binary.run(["tenants", "create", "acme", "--capture", "on"] + local)
        #expect(tenant.status == 0, "\(tenant)")
        func key(_ arguments: [String]) async throws -> String {
            try await binary.run(["keys", "create"] + arguments + local).output.trimmingCharacters(in: .newlines)
        }
        let callers = try await key(["ci", "--tenant", "acme"])
        let operators = try await key(["op", "--role", "operator"])
        let gateway = try await RunningGateway.start(binary, local)
        let there = ["--url", gateway.admin]
        var torii = binary
        torii.environment = ["TORII_API_KEY": operators, "GATE_KEY": callers]
        let nothing = try await torii.run(["captures", "list"] + there)
        #expect(nothing.status == 0 && nothing.output.hasPrefix("ID  AT") && nothing.errors.contains("--capture on"))
        #expect(try await torii.run(["captures", "list", "--format", "json"] + there).output == "[]\n")
        let client = try scratch.write(
            "client.yaml",
            """
            providers:
              - {name: gate, base_url: '\(gateway.url)/v1', model: m, dialect: chat, api_key: 'env:GATE_KEY'}

            """
        )
        for _ in 0..<2 {
            let answer = try await torii.run("--config", client, "write to ada@example.com")
            #expect(answer.status == 0, "\(answer)")
        }
        let list = try await torii.run(["captures", "list", "--tenant", "acme", "--since", "1d"] + there)
        #expect(list.status == 0 && list.output.split(separator: "\n").count == 3, "\(list)")
        let lines = try await torii.run(["captures", "list", "--format", "jsonl"] + there)
        let told = try lines.output.split(separator: "\n").map { try Self.view(String($0)) }
        #expect(told.count == 2 && told.allSatisfy { $0["route"]?.string != nil && $0["request"] == nil })
        let export = try await torii.run(["captures", "export"] + there)
        #expect(export.errors == "torii: 2 captures\n" && export.output.contains("write to [EMAIL_1]"), "\(export)")
        #expect(!export.output.contains("ada@example.com"))
        let path = scratch.path + "/export.json"
        #expect(try await torii.run(["captures", "export", "--format", "json", "--output", path] + there).output == "")
        #expect(try Self.view(try scratch.text("export.json"))[1]?["answer"]?["complete"]?.bool == true)
        #expect(try scratch.mode("export.json") == 0o600)
        let unsure = try await torii.run(["captures", "erase", "--tenant", "acme"] + there)
        #expect(unsure.status == 2 && unsure.errors.contains("give --yes"), "\(unsure)")
        let erased = try await torii.run(["captures", "erase", "--tenant", "acme", "--yes"] + there)
        #expect(erased.status == 0 && erased.output == "" && erased.errors == "torii: 2 captures erased\n")
        let again = ["captures", "erase", "--tenant", "acme", "--yes", "--format", "json"]
        #expect(try await torii.run(again + there).output == "{\"erased\":0}\n")
        let audit = try await torii.run(["audit", "list"] + there)
        #expect(audit.output.contains("capture.export") && audit.output.contains("capture.erase"))
        torii.environment = ["TORII_API_KEY": callers]
        let denied = try await torii.run(["captures", "list"] + there)
        #expect(denied.status == 4 || denied.status == 8, "\(denied)")
        #expect(try await gateway.stop() == .exit(0))
    }

    @Test(
        "an erasure that names nobody is a wrong command line",
        arguments: [[], ["--user", ""], ["--since", "1d"]] as [[String]]
    )
    func nobody(_ arguments: [String]) async throws {
        let scratch = try Scratch()
        let result = try await Binary(home: scratch.path).run(["captures", "erase", "--yes"] + arguments)
        #expect(result.status == 2 && result.errors.contains("--user, --key or --tenant"), "\(result)")
    }
}

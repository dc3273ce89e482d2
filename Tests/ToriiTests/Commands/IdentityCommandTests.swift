import Foundation
import JSON
import Testing

@testable import torii

@Suite struct IdentityCommandTests {
    /// Writes a configuration, and gives the program and the flag for it.
    private static func setUp(_ scratch: borrowing Scratch) throws -> (Binary, [String]) {
        let file = try scratch.write("config.yaml", "providers: [{name: demo, base_url: 'scripted:', model: m}]\n")
        return (Binary(home: scratch.path), ["--config", file])
    }

    @Test("prices are set, listed, changed and deleted; one that says too little is not sent")
    func prices() async throws {
        let scratch = try Scratch()
        let (torii, config) = try Self.setUp(scratch)
        func run(_ arguments: String...) async throws -> Binary.Result { try await torii.run(arguments + config) }
        let made = try await run("prices", "create", "gpt-5*", "--provider", "demo", "--input", "0.25", "--output", "2")
        #expect(made.status == 0 && made.output.hasPrefix("id              price_"), "\(made)")
        let rows = try Self.json(try await run("prices", "list", "--format", "json").output)
        let id = try #require(rows[0]?["id"]?.string)
        #expect(rows[0]?["input"]?.double == 0.25 && rows[0]?["cached_input"]?.isNull == true)
        let changed = try await run("prices", "change", id, "--cached-input", "0.025", "--from", "2027-01-31")
        #expect(changed.output.contains("cached input    0.025\n") && changed.output.contains("2027-01-31T00:00:00Z"))
        #expect(try await run("prices", "create", "m", "--input", "1").errors.contains("--output have to be said"))
        let wrong = try await run("prices", "create", "m", "--input", "cheap", "--output", "1")
        #expect(wrong.status == 1 && wrong.errors.contains("input has to be a number of USD from 0 to 1000"))
        #expect(try await run("prices", "delete", id).status == 0)
        #expect(try Self.json(try await run("prices", "list", "--format", "json").output)[0] == nil)
    }

    private static func json(_ text: String) throws -> JSONView { try JSONDocument(Array(text.utf8)).root }

    @Test(
        "tenants, teams, users, keys and policies are kept on the machine's own store, and shown as tables and as JSON"
    )
    func local() async throws {
        let scratch = try Scratch()
        let (torii, config) = try Self.setUp(scratch)
        func run(_ arguments: String...) async throws -> Binary.Result { try await torii.run(arguments + config) }
        let tenant = try await run("tenants", "create", "acme")
        #expect(tenant.status == 0 && tenant.output.hasPrefix("id              ten_"), "\(tenant)")
        #expect(try await run("teams", "create", "red", "--tenant", "acme").status == 0)
        #expect(try await run("users", "create", "ann", "--tenant", "acme", "--team", "red").status == 0)
        let policy = ["policies", "create", "small", "--tenant", "acme", "--models", "m,n*"]
        #expect(try await torii.run(policy + config).output.contains("models          m,n*\n"))
        let key = try await run("keys", "create", "ci", "--tenant", "acme", "--user", "ann", "--expires", "2099-01-01")
        #expect(key.status == 0 && key.output.wholeMatch(of: /sk-torii-[a-z0-9]{12}-[A-Za-z0-9]{40}\n/) != nil)
        #expect(key.errors.contains("shown only now") && key.errors.contains("expires at      2099-01-01T00:00:00Z"))
        let id = String(key.output.dropFirst(9).prefix(12))
        let list = try await run("keys", "list", "--tenant", "acme")
        let lines = list.output.split(separator: "\n")
        #expect(
            lines.count == 2 && lines[0].hasPrefix("ID  ") && lines[1].hasPrefix(id) && lines[1].contains("  member  ")
        )
        #expect(!list.output.contains("sk-torii"))
        let made = try await run("keys", "create", "x", "--role", "operator", "--format", "json")
        #expect(try Self.json(made.output)["key"]?.string?.hasPrefix("sk-torii-") == true && made.errors == "")
        let changed = try await run("keys", "change", id, "--models", "m", "--expires", "none", "--format", "json")
        #expect(try Self.json(changed.output)["expires_at"]?.isNull == true)
        #expect(try Self.json(changed.output)["models"]?[0]?.string == "m")
        let rotated = try await run("keys", "rotate", id, "--overlap", "1h")
        #expect(rotated.output.hasPrefix("sk-torii-\(id)-") && rotated.output != key.output)
        #expect(try await run("keys", "revoke", id).output.contains("revoked at "))
        #expect(try await run("tenants", "change", "acme").status == 0)
        let suspended = try await run("tenants", "change", "acme", "--status", "suspended")
        #expect(suspended.output.contains("status          suspended"))
        let thrifty = try await run("tenants", "change", "acme", "--preference", "cost")
        #expect(thrifty.output.contains("preference      cost"))
        let unsaid = try await run("tenants", "change", "acme", "--preference", "none", "--format", "json")
        #expect(try Self.json(unsaid.output)["preference"]?.isNull == true)
        #expect(try await run("tenants", "delete", "acme").errors.contains("Delete what belongs to it first"))
        let rows = try Self.json(try await run("users", "list", "--format", "json").output)
        #expect(rows[0]?["name"]?.string == "ann")
        let audit = try await run("audit", "list")
        #expect(audit.output.contains("tenant.create") && audit.output.contains("key.rotate"))
        let verified = try await run("audit", "verify", "--format", "json")
        let head = try #require(try Self.json(verified.output)["head"]?.string)
        #expect(try Self.json(verified.output)["entries"]?.int == 12)
        #expect(try await run("audit", "verify", "--head", head).status == 0)
        #expect(try await run("audit", "verify", "--head", "00").status == 1)
        let export = try await run("audit", "export")
        let exported = export.output.split(separator: "\n").map(String.init)
        try #require(exported.count == 13 && !export.output.contains("sk-torii"))
        #expect(exported.last == #"{"length":12,"head":"\#(head)"}"#)
        #expect(export.errors == "torii: 12 entries, head \(head)\n")
        let file = try scratch.write("export.jsonl", export.output)
        #expect(try await run("audit", "verify", "--file", file, "--head", head).status == 0)
        try scratch.write("export.jsonl", export.output.replacing("tenant.create", with: "tenant.delete"))
        #expect(try await run("audit", "verify", "--file", file).errors.contains("not whole: entry 1"))
        // Cut off, taken out of the end, written behind it, and changed where no hash is.
        var forged = exported
        forged[0] = exported[0].replacing(#""at":"2"#, with: #""at":"3"#)
        let wrong: [[String]] = [
            Array(exported[..<12]), Array(exported[..<11]), Array(exported[..<11] + exported[12...]),
            exported + [exported[12]], forged,
        ]
        for lines in wrong {
            try scratch.write("export.jsonl", lines.joined(separator: "\n") + "\n")
            let verified = try await run("audit", "verify", "--file", file)
            #expect(verified.status == 1 && verified.errors.contains("not whole"), "\(verified)")
        }
        #expect(try await run("audit", "verify", "--file", scratch.path + "/nowhere").status == 3)
    }

    @Test("limits are set, shown and taken away")
    func limits() async throws {
        let scratch = try Scratch()
        let (torii, config) = try Self.setUp(scratch)
        func run(_ arguments: String...) async throws -> Binary.Result { try await torii.run(arguments + config) }
        let made = try await run(
            "tenants",
            "create",
            "acme",
            "--requests-per-minute",
            "60",
            "--input-tokens-per-minute",
            "1000",
            "--output-tokens-per-minute",
            "200",
            "--concurrent-requests",
            "4",
            "--tokens-per-day",
            "5000",
            "--max-output-tokens",
            "64",
            "--regions",
            "eu,us"
        )
        #expect(made.status == 0 && made.output.contains("output tokens per minute  200\n"), "\(made)")
        let shown = try Self.json(try await run("tenants", "show", "acme", "--format", "json").output)
        let numbers = ["requests_per_minute", "input_tokens_per_minute", "concurrent_requests", "tokens_per_day"]
        #expect(numbers.map { shown[$0]?.int } == [60, 1_000, 4, 5_000])
        #expect(shown["max_output_tokens"]?.int == 64 && shown["regions"]?[1]?.string == "us")
        let none = ["--requests-per-minute", "none", "--regions", "none", "--format", "json"]
        let changed = try Self.json(try await torii.run(["tenants", "change", "acme"] + none + config).output)
        #expect(changed["requests_per_minute"]?.isNull == true && changed["tokens_per_day"]?.int == 5_000)
        #expect(changed["regions"]?.elements.map { $0 }.isEmpty == true)
        for noun in ["teams", "users"] {
            let more = ["--tenant", "acme", "--requests-per-minute", "7", "--format", "json"]
            let thing = try Self.json(try await torii.run([noun, "create", "x"] + more + config).output)
            #expect(thing["requests_per_minute"]?.int == 7)
            let id = try #require(thing["id"]?.string)
            let next = try await run(noun, "change", id, "--concurrent-requests", "2", "--format", "json")
            #expect(try Self.json(next.output)["concurrent_requests"]?.int == 2)
        }
        let key = try await run("keys", "create", "k", "--tenant", "acme", "--requests-per-minute", "many")
        #expect(key.status == 1 && key.errors.contains("requests_per_minute has to be a whole number from 1 to"))
    }

    @Test("what is wrong is said, and ends with a status of its own")
    func faults() async throws {
        let scratch = try Scratch()
        let (torii, config) = try Self.setUp(scratch)
        let missing = try await torii.run(["tenants", "show", "nobody"] + config)
        #expect(missing.status == 1 && missing.output == "" && missing.errors == "torii: There is no such tenant.\n")
        let role = try await torii.run(["keys", "create", "x", "--role", "root"] + config)
        #expect(role.status == 1 && role.errors.contains("role has to be operator, tenant-admin, member, viewer"))
        let overlap = try await torii.run(["keys", "rotate", "x", "--overlap", "soon"] + config)
        #expect(overlap.status == 2)
        // What is left of a variable that is not set does not open everything.
        for arguments in [
            ["keys", "create", "x", "--role", "operator", "--models", ""],
            ["keys", "change", "x", "--addresses", " ,"],
            ["users", "change", "x", "--models", ""], ["tenants", "change", "x", "--regions", ","],
        ] {
            let empty = try await torii.run(arguments + config)
            #expect(empty.status == 2 && empty.errors.contains("say none to allow all"), "\(empty)")
        }
        let memory = try scratch.write("memory.yaml", "server: {state: {file: memory}}\n")
        let nowhere = try await torii.run(["keys", "list", "--config", memory])
        #expect(nowhere.status == 3 && nowhere.errors.contains("--url http://127.0.0.1:8788"))
        let url = try await torii.run(["keys", "list", "--url", "127.0.0.1"] + config)
        #expect(url.status == 3)
    }

    @Test("a running gateway is administered from afar with a key, and hears of what is done on its store")
    func remote() async throws {
        let scratch = try Scratch()
        let (torii, config) = try Self.setUp(scratch)
        let gateway = try await RunningGateway.start(torii, config)
        let there = ["--url", gateway.admin]
        let first = try await torii.run(["keys", "create", "mine", "--role", "operator"] + there)
        let key = first.output.trimmingCharacters(in: .newlines)
        #expect(first.status == 0 && key.hasPrefix("sk-torii-"))
        let stranger = try await torii.run(["tenants", "list"] + there)
        #expect(stranger.status == 4 && stranger.errors.contains("torii keys create"))
        var holder = torii
        holder.environment = ["TORII_API_KEY": key]
        #expect(try await holder.run(["tenants", "create", "caf\u{E9} & co"] + there).status == 0)
        let shown = try await holder.run(["tenants", "show", "caf\u{E9} & co", "--format", "json"] + there)
        #expect(try Self.json(shown.output)["status"]?.string == "active")
        let admin = ["keys", "create", "a", "--tenant", "caf\u{E9} & co", "--role", "tenant-admin"]
        let other = try await holder.run(admin + there)
        holder.environment = ["TORII_API_KEY": other.output.trimmingCharacters(in: .newlines)]
        let denied = try await holder.run(["tenants", "create", "more"] + there)
        #expect(denied.status == 8 && denied.errors.contains("tenant-admin does not create tenants"))
        let local = try await torii.run(["audit", "verify"] + config)
        #expect(local.output.hasPrefix("3 entries, all as they were written\n"))
        let explain = ["routes", "explain", "--model", "m", "--header", "x-provider:nobody"]
        #expect(try await holder.run(explain + there).status == 8)
        holder.environment = ["TORII_API_KEY": key]
        let refused = try await holder.run(explain + there)
        #expect(refused.status == 1 && refused.errors.contains("refused with 400 unknown_provider"))
        let explained = try await holder.run(["routes", "explain", "--model", "m", "--format", "json"] + there)
        #expect(try Self.json(explained.output)["targets"]?[0]?["provider"]?.string == "demo")
        #expect(explained.status == 0 && explained.errors == "")
        let nobody = try await torii.run(["keys", "list", "--url", gateway.url])
        #expect(nobody.status == 1)
        #expect(try await gateway.stop() == .exit(0))
    }
}

import Testing

@testable import torii

@Suite struct RoutesCommandTests {
    private static let text = """
        providers:
          - {name: gpu, base_url: 'http://127.0.0.1:1/v1', dialect: ollama, tags: [own]}
          - {name: cloud, base_url: 'http://127.0.0.1:2/v1', dialect: chat, api_key: env:NOT_THERE}
        routes:
          - name: night
            when: {models: [gpt-*], times: [{days: [fri], from: "22:00", to: "06:00"}]}
            targets: [{tag: own, model: 'gpt-oss:20b'}]
            fallbacks: [{provider: cloud, model: big, on: [context_length_exceeded]}]
          - name: team
            when: {headers: {x-team: search}, prefer: quality}
            targets: [{provider: cloud, weight: 3}]
          - name: acme
            when: {tenants: [acme], roles: [member], key_labels: [ci], prefer: cost}
            targets: [{provider: cloud, model: cheap}]
          - name: rest
            targets: [{provider: gpu, model: small}, {provider: cloud, model: large}]
            strategy: ordered
        models:
          - {name: small, provider: gpu, context_window: 1000, capabilities: []}

        """

    private func torii(_ scratch: borrowing Scratch) throws -> Binary {
        Binary(home: scratch.path, environment: ["TORII_CONFIG": try scratch.write("config.yaml", Self.text)])
    }

    @Test("routes list shows each rule in its order")
    func list() async throws {
        let scratch = try Scratch()
        let result = try await torii(scratch).run("routes", "list")
        #expect(result.status == 0)
        #expect(result.errors == "")
        #expect(
            result.output.replacing(#/ {2,}/#, with: "  ") == """
                ROUTE  WHEN  STRATEGY  TARGETS
                night  model gpt-*; at fri 22:00-06:00 UTC  weighted  gpu/gpt-oss:20b, else cloud/big
                team  x-team=search; prefer quality  weighted  cloud ×3
                acme  tenant acme; role member; key ci; prefer cost  weighted  cloud/cheap
                rest  always  ordered  gpu/small, cloud/large

                """
        )
    }

    @Test("routes explain says which rule fits at that time, why others do not, and who follows")
    func explain() async throws {
        let scratch = try Scratch()
        let torii = try torii(scratch)
        let night = try await torii.run("routes", "explain", "--model", "gpt-5", "--at", "2026-11-28T03:00")
        #expect(night.status == 0, "\(night.errors)")
        #expect(
            night.output == """
                fits    night
                 1      gpu/gpt-oss:20b: weight 1
                 2      cloud/big: a fallback on context_length_exceeded

                """
        )
        let day = try await torii.run(
            "routes",
            "explain",
            "--model",
            "gpt-5",
            "--at",
            "2026-11-28T03:00-04:00",
            "--header",
            "x-team: search",
            "--tools"
        )
        #expect(
            day.output == """
                passed  night: it is sat 07:00 UTC, wanted fri 22:00-06:00 UTC
                passed  team: the caller prefers nothing, wanted quality
                passed  acme: the caller has no tenant, wanted acme
                fits    rest
                 1      cloud/large: number 2 as written
                left    gpu/small: cannot call tools

                """
        )
        let team = try await torii.run(
            ["routes", "explain", "--model", "x", "--header", "X-Team:search", "--prefer", "quality", "--session", "s"]
        )
        #expect(team.output.hasSuffix("fits    team\n 1      cloud/x: weight 3; the session's place\n"))
    }

    @Test("routes explain is told whose a request is")
    func explainCaller() async throws {
        let scratch = try Scratch()
        let torii = try torii(scratch)
        let common = ["routes", "explain", "--model", "m", "--tenant", "acme", "--key-label", "ci", "--prefer", "cost"]
        let member = try await torii.run(common + ["--role", "member"])
        #expect(member.output.contains("fits    acme\n 1      cloud/cheap"), "\(member.output)")
        let viewer = try await torii.run(common + ["--role", "viewer"])
        #expect(viewer.output.contains("passed  acme: the caller's role is viewer, wanted member\n"))
        #expect(viewer.output.contains("fits    rest"))
    }

    @Test("routes explain ends with 1 where a request would be refused, and says why")
    func refused() async throws {
        let scratch = try Scratch()
        let result = try await torii(scratch).run("routes", "explain", "--model", "m", "--header", "x-provider:nobody")
        #expect(result.status == 1)
        #expect(result.output.contains("no rule fits: the model's name decides"))
        #expect(result.errors.contains("refused with 400 unknown_provider"))
    }

    @Test(
        "a bad command line ends with 2",
        arguments: [
            ["--at", "tomorrow"], ["--at", "2026-02-30T10:00"], ["--header", "nothing"], ["--header", ":x"],
            ["--tokens", "-1"], ["--dialect", "latin"], ["--prefer", "gold"], ["--ask", "--url", "http://127.0.0.1:1"],
            ["--format", "xml"],
        ]
    )
    func usage(flags: [String]) async throws {
        let scratch = try Scratch()
        let result = try await torii(scratch).run(["routes", "explain", "--model", "m"] + flags)
        #expect(result.status == 2)
        #expect(result.output == "")
    }

    @Test(
        "points in time are read in UTC or with their offset",
        arguments: [
            ("1970-01-01T00:00", 0), ("1970-01-02T01:02:03Z", 90_123), ("1970-01-01T01:00+01:00", 0),
            ("1970-01-01T00:00-00:30", 1_800), ("2028-02-29T00:00", 1_835_395_200), ("2027-02-29T00:00", nil),
            ("2026-11-27", nil), ("2026-11-27T24:00", nil), ("2026-11-27T10:60", nil), ("2026-11-27T10:00+", nil),
            ("2026-1-27T10:00", nil),
        ]
    )
    func points(text: String, seconds: Int?) {
        #expect(PointInTime(text)?.seconds == seconds)
    }
}

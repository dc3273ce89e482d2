import Foundation
import Gateway
import JSON
import ScriptedUpstream
import Testing

@testable import torii

@Suite struct UsageCommandTests {
    private static func view(_ text: String) throws -> JSONView { try JSONDocument(Array(text.utf8)).root }

    private static let now = 1_800_000_000_000

    @Test(
        "a time is so long ago, a date or a time",
        arguments: [
            ("7d", 1_799_395_200_000), ("1w", 1_799_395_200_000), ("12h", 1_799_956_800_000),
            ("90m", 1_799_994_600_000),
            ("30s", 1_799_999_970_000), ("999999w", 0), ("2027-01-15", 1_799_971_200_000),
            ("2027-01-15T10:00:00+02:00", 1_800_000_000_000), ("2027-01-15T08:00", 1_800_000_000_000),
            ("2027-01-15T10:00+02:00", 1_800_000_000_000),
        ]
    )
    func times(_ text: String, _ expected: Int) {
        #expect(GivenTime.milliseconds(of: text, now: Self.now) == expected)
    }

    @Test(
        "what is no time is none",
        arguments: ["", "d", "7", "7y", "-7d", "1234567d", "7 d", "tomorrow", "2027-02-30", "٧d"]
    )
    func noTimes(_ text: String) {
        #expect(GivenTime.milliseconds(of: text, now: Self.now) == nil)
    }

    @Test(
        "a cost has two to six decimals, and what is less is not nothing",
        arguments: [
            ("0", "0.00"), ("1.5", "1.50"), ("2", "2.00"), ("0.125", "0.125"), ("0.0000014", "0.000001"),
            ("0.000000001", "<0.000001"), ("12345.6789012", "12345.678901"), ("null", "0.00"),
        ]
    )
    func costs(_ number: String, _ text: String) throws {
        #expect(RecordText.cost(try Self.view(#"{"c":\#(number)}"#)["c"]) == text)
    }

    private static let report = """
        {"by":["tenant","model"],"since":null,"until":null,"data":[
        {"tenant":"ten_1","model":"=m","requests":2,"failed":1,"estimated":1,"input_tokens":10,"cached_input_tokens":4,
        "cache_write_tokens":0,"output_tokens":5,"reasoning_tokens":0,"cost_usd":0.0000015,"total_us":9},
        {"tenant":null,"model":"n","requests":1,"failed":0,"estimated":0,"input_tokens":1,"cached_input_tokens":0,
        "cache_write_tokens":0,"output_tokens":2,"reasoning_tokens":0,"cost_usd":1.5,"total_us":7}],
        "total":{"requests":3,"failed":1,"estimated":1,"input_tokens":11,"cached_input_tokens":4,"cache_write_tokens":0,
        "output_tokens":7,"reasoning_tokens":0,"cost_usd":1.5000015,"total_us":16},"cut":true,"names":{"ten_1":"acme"}}
        """

    @Test("a report is a table with names, marks what is estimated and ends with the sum; cut and estimates are told")
    func table() throws {
        let text = ReportText(try Self.view(Self.report))
        let expected = """
            TENANT  MODEL  REQUESTS  FAILED  INPUT  CACHED  OUTPUT  COST USD
            acme    =m     2         1       ~10    ~4      ~5      ~0.000002
            -       n      1         0       1      0       2       1.50
            all            3         1       ~11    ~4      ~7      ~1.500002

            """
        #expect(text.table == expected)
        #expect(
            text.remarks.count == 2 && text.remarks[0].contains("more rows") && text.remarks[1].contains("of 1 request")
        )
        let whole = ReportText(
            try Self.view(#"{"by":[],"data":[],"total":{"requests":0,"cost_usd":0},"cut":false,"names":{}}"#)
        )
        #expect(whole.table.hasSuffix("\n0         0       0      0       0       0.00\n") && whole.remarks == [])
    }

    @Test("as CSV a report has all its figures, ids in the place of names, and no cell that a spreadsheet would run")
    func csv() throws {
        let lines = ReportText(try Self.view(Self.report)).csv.components(separatedBy: "\r\n")
        #expect(lines.count == 4 && lines[0].hasPrefix("tenant,model,requests,failed,estimated,input_tokens,"))
        #expect(
            lines[1] == "ten_1,'=m,2,1,1,10,4,0,5,0,0.0000015,9" && lines[2].hasPrefix(",n,1,0,0,") && lines[3] == ""
        )
    }

    @Test("budgets are a row for each limit, in USD and in tokens")
    func budgets() throws {
        let row = try Self.view(
            """
            {"level":"key","id":"k","name":"ci","tenant":"ten_1","period":"day","ends_at":"2027-01-16T00:00:00.000Z",
            "limit_usd":2,"spent_usd":0.5,"reserved_usd":0.25,"remaining_usd":1.25,"limit_tokens":1000,"spent_tokens":999,
            "reserved_tokens":0,"remaining_tokens":1,"share":0.999}
            """
        )
        let expected = """
            LEVEL  NAME  PERIOD  LIMIT        SPENT       RESERVED  LEFT      SPENT %  ENDS
            key    ci    day     2.00 USD     0.50 USD    0.25 USD  1.25 USD  25       2027-01-16T00:00Z
            key    ci    day     1000 tokens  999 tokens  0 tokens  1 tokens  99       2027-01-16T00:00Z

            """
        #expect(BudgetText.table([row]) == expected)
        #expect(
            BudgetText.csv([row]).hasSuffix(
                "\r\nkey,k,ci,ten_1,day,2027-01-16T00:00:00.000Z,2,0.5,0.25,1.25,1000,999,0,1,0.999\r\n"
            )
        )
    }

    @Test("whoever follows is shown each record once, in the order of time, also those that come a little late")
    func follows() throws {
        func record(_ id: String, _ second: String) throws -> JSONView {
            try Self.view(#"{"id":"\#(id)","at":"2027-01-15T08:00:\#(second)Z"}"#)
        }
        func ids(_ records: [JSONView]) -> [String] { records.compactMap { $0["id"]?.string } }
        let now = Self.now + 40_000
        var follower = UsageFollower(since: Self.now)
        #expect(follower.since == "2027-01-15T08:00:00.000Z")
        let (first, second) = (try record("a", "02.000"), try record("b", "01.500"))
        #expect(ids(follower.new(among: [first, second], now: now)) == ["b", "a"])
        #expect(ids(follower.new(among: [first, try record("c", "00.100"), second], now: now)) == ["c"])
        #expect(ids(follower.new(among: [first, try record("d", "30.000")], now: now)) == ["d"])
        #expect(follower.since == "2027-01-15T08:00:20.000Z")
        #expect(ids(follower.new(among: [try record("d", "30.000")], now: now)) == [])
        // A clock that is ahead does not hide what comes from the others.
        #expect(ids(follower.new(among: [try record("e", "59.000")], now: now)) == ["e"])
        #expect(follower.since == "2027-01-15T08:00:20.000Z")
        #expect(ids(follower.new(among: [try record("e", "59.000"), try record("f", "31.000")], now: now)) == ["f"])
    }

    @Test("a record on a line has who asked for what, what came of it and what it cost")
    func line() throws {
        let record = try Self.view(
            """
            {"at":"2027-01-15T08:00:01.250Z","status":200,"outcome":"ok","tenant":"ten_1","user":null,"key":"k1","client":"codex",
            "provider":"house","model":"m","upstream_model":"m2","input_tokens":10,"output_tokens":5,"estimated":true,
            "cost_usd":0.25,"total_us":12345}
            """
        )
        #expect(
            RecordText.line(record)
                == "08:00:01.250  200  ok  ten_1  k1  codex  house/m2  ~10+5  ~0.25 USD  12 ms\n"
        )
        let hedge = try Self.view(#"{"part":"hedge","outcome":"interrupted","status":0}"#)
        #expect(RecordText.line(hedge).contains("  0  interrupted (hedge)  -  "))
    }

    @Test("a file has its name when it is whole, and is not there before")
    func files() throws {
        let scratch = try Scratch()
        try scratch.write("export.csv", "old")
        try scratch.write("export.csv.part", "of one that was killed", mode: 0o644)
        let file = try NewFile(scratch.path + "/export.csv")
        try file.write("new")
        #expect(try scratch.text("export.csv") == "old" && scratch.mode("export.csv.part") == 0o600)
        try file.finish()
        #expect(try scratch.text("export.csv") == "new" && scratch.mode("export.csv") == 0o600)
        let dropped = try NewFile(scratch.path + "/other.csv")
        try dropped.write("x")
        dropped.discard()
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["export.csv"])
        #expect(throws: Exit.self) { try NewFile(scratch.path + "/nowhere/x.csv") }
    }

    @Test("what a running gateway served is followed, reported and exported, and its budgets are shown")
    func running() async throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", "providers: [{name: demo, base_url: 'scripted:', model: m}]\n")
        let torii = Binary(home: scratch.path)
        let gateway = try await RunningGateway.start(torii, ["--config", file])
        let there = ["--url", gateway.admin]
        let output = Pipe.toProgram()
        let tail = try torii.start(["usage", "tail", "--json"] + there, output: output)
        let client = try scratch.write(
            "client.yaml",
            "providers: [{name: gate, base_url: '\(gateway.url)/v1', model: m, dialect: chat}]\n"
        )
        #expect(try await torii.run("--config", client, "one question").status == 0)
        var line = ""
        while !line.hasSuffix("\n") {
            let more = try await Binary.some(of: output)
            try #require(!more.isEmpty, "\(line)")
            line += more
        }
        let record = try Self.view(line.trimmingCharacters(in: .newlines))
        #expect(record["provider"]?.string == "demo" && record["outcome"]?.string == "ok")
        tail.send(SIGINT)
        #expect(await tail.ending == .exit(130))
        // What is followed is filed, so that it is reported as well.
        let report = try await torii.run(["usage", "report", "--by", "provider, outcome", "--since", "1d"] + there)
        #expect(report.status == 0 && report.output.hasPrefix("PROVIDER  OUTCOME  REQUESTS"), "\(report)")
        let json = try await torii.run(["usage", "report", "--format", "json"] + there)
        #expect(try Self.view(json.output)["total"]?["requests"]?.int == 1)
        let export = try await torii.run(["usage", "export", "--format", "jsonl", "--since", "1d"] + there)
        #expect(export.output == line && export.errors == "torii: 1 record\n")
        let path = scratch.path + "/export.csv"
        #expect(try await torii.run(["usage", "export", "--output", path] + there).output == "")
        let rows = try scratch.text("export.csv").components(separatedBy: "\r\n")
        #expect(rows.count == 3 && rows[0] == UsageField.all.map(\.name).joined(separator: ","))
        let budgets = try await torii.run(["budgets", "--format", "csv"] + there)
        #expect(budgets.status == 0 && budgets.output.hasPrefix("level,id,name,tenant,period,"), "\(budgets)")
        let wrong = try await torii.run(["usage", "report", "--by", "colour"] + there)
        #expect(wrong.status == 1 && wrong.errors.contains("none of tenant, team"))
        #expect(try await gateway.stop() == .exit(0))
    }

    @Test("what is wrong is said, and ends with a status of its own")
    func faults() async throws {
        let scratch = try Scratch()
        let torii = Binary(home: scratch.path)
        for arguments in [
            ["report", "--since", "yesterday"], ["report", "--since", "1d", "--until", "2d"],
            ["export", "--format", "xml"],
            ["report", "--limit", "many"],
        ] {
            let result = try await torii.run(["usage"] + arguments)
            #expect(result.status == 2 && result.output == "", "\(result)")
        }
        let closed = try ClosedPort()
        let nobody = try await torii.run("budgets", "--url", "http://127.0.0.1:\(closed.port)")
        #expect(nobody.status == 1 && nobody.errors.contains("no gateway answers"))
        #expect(try await torii.run("usage", "report", "--url", "nowhere").status == 3)
    }
}

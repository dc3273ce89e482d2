import Inference
import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("The account at a gateway that runs")
struct AccountOverWireTests {
    /// One USD for a million tokens of a prompt, and two for those of an answer.
    private static let price = Price(input: 1_000_000, output: 2_000_000)

    private func run(
        _ answers: [[Step]]...,
        settings change: (inout GatewaySettings) -> Void = { _ in },
        body: (LimitWorld) async throws -> Void
    ) async throws {
        let second = answers.count > 1 ? answers[1] : [Answer.json("{}")]
        try await LimitWorld.run(
            answers[0],
            second,
            settings: {
                $0.prices.unknown = .standard(Self.price)
                change(&$0)
            },
            body: body
        )
    }

    /// The records that have been filed, once there are so many.
    private func records(_ world: LimitWorld, _ count: Int) async throws -> [JSONView] {
        try await world.gateway.usageRecords(count)
    }

    @Test("a request is written down with who asked, what it used and what it cost", arguments: Sample.allCases)
    func record(_ sample: Sample) async throws {
        for stream in [false, true] {
            try await run([sample.answer(stream: stream)]) { world in
                let key = try world.key()
                try await world.settled()
                let fields = key + [("User-Agent", "codex_cli_rs/0.163.0 (Debian)")]
                let answer = try await world.send(sample, fields, stream: stream)
                #expect(answer.status == 200)
                let record = try #require(try await records(world, 1).last)
                #expect(record["request_id"]?.string == answer.field("x-request-id"))
                #expect(record["client"]?.string == "codex" && record["outcome"]?.string == "ok")
                #expect(record["input_tokens"]?.int == 3 && record["output_tokens"]?.int == 2)
                #expect(record["cost_usd"]?.double == 0.000007)
                #expect(record["provider"]?.string == "house" && record["stream"]?.bool == stream)
            }
        }
    }

    @Test("T5 of 50 requests at once with a budget for one, exactly one is admitted, and what it leaves is there again")
    func budgetForOne() async throws {
        let gate = Gate()
        try await run([[.wait(gate)] + Sample.chat.answer(stream: false)]) { world in
            let key = try world.key(#""daily_budget":0.003"#)
            try await world.settled()
            let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
                for _ in 0..<50 {
                    tasks.addTask { try await world.send(.chat, key, extra: #""max_tokens":1000,"#).status }
                }
                var refused: [Int] = []
                while refused.count < 49, let status = try await tasks.next() { refused.append(status) }
                gate.open()
                let last = try #require(try await tasks.next())
                return refused + [last]
            }
            #expect(statuses.dropLast().allSatisfy { $0 == 402 } && statuses.last == 200)
            #expect(world.upstreams[0].requests.count == 1)
            // What was set aside and not used is there for the next one.
            #expect(try await world.send(.chat, key, extra: #""max_tokens":1000,"#).status == 200)
        }
    }

    @Test("a budget that does not allow a request is 402 in the caller's dialect", arguments: Sample.allCases)
    func spent(_ sample: Sample) async throws {
        try await run([sample.answer(stream: false)]) { world in
            let key = try world.key(#""daily_token_budget":4"#)
            try await world.settled()
            let answer = try await world.send(sample, key)
            #expect(answer.status == 402 && answer.bodyText.hasPrefix(sample.errorMark), "\(answer.bodyText)")
            #expect(sample == .messages || answer.bodyText.contains("budget_exceeded"))
            #expect(world.upstreams[0].requests.isEmpty)
        }
    }

    @Test("what a copy costs is set aside as well and counts for who asked; where it cannot be set aside none goes out")
    func shadow() async throws {
        let rule = RouteRule("all", targets: [.init("house")], shadow: RouteRule.Share("cloud", percent: 100))
        let answers = [Sample.chat.answer(stream: false)]
        try await run(answers, answers, settings: { $0.routes = [rule] }) { world in
            // Enough for one answer of a thousand tokens at a time, and for many.
            let (poor, rich) = (try world.key(#""daily_budget":0.003"#), try world.key(#""daily_budget":0.3"#))
            try await world.settled()
            for key in [poor, rich] {
                #expect(try await world.send(.chat, key, extra: #""max_tokens":1000,"#).status == 200)
            }
            let records = try await records(world, 3)
            let copies = records.filter { $0["part"]?.string == "shadow" }
            #expect(records.count == 3 && copies.count == 1 && world.upstreams[1].requests.count == 1)
            let copied = records.filter { $0["request_id"]?.string == copies.first?["request_id"]?.string }
            #expect(copied.count == 2 && Set(copied.map { $0["key"]?.string }).count == 1)
            let standing = try await world.gateway.administration("/admin/v1/budgets")
            let budgets = try JSONDocument(standing.body).root["data"]?.elements.map { $0 } ?? []
            let own = budgets.filter { $0["level"]?.string == "key" }
            #expect(Set(own.compactMap { $0["spent_usd"]?.double }) == [0.000007, 0.000014])
            #expect(own.allSatisfy { $0["reserved_usd"]?.double == 0 })
            let metrics = try await world.gateway.administration("/metrics").bodyText
            #expect(metrics.contains(#"torii_cost_usd_total{provider="cloud""#))
            #expect(metrics.contains(#"torii_tokens_total{kind="output",provider="cloud""#))
            #expect(!metrics.contains(#"torii_requests_total{dialect="chat",provider="cloud""#))
        }
    }

    @Test("a copy's answer is no longer than what is set aside for it, as nobody stops it later")
    func shadowLimit() async throws {
        let rule = RouteRule("all", targets: [.init("house")], shadow: RouteRule.Share("cloud", percent: 100))
        let answers = [Sample.chat.answer(stream: true)]
        try await run(
            answers,
            answers,
            settings: {
                $0.routes = [rule]
                $0.budgets.usualOutput = 32
            }
        ) { world in
            let key = try world.key(#""daily_budget":0.3"#)
            try await world.settled()
            #expect(try await world.send(.chat, key, stream: true).status == 200)
            let copy = try await eventually("the copy") { world.upstreams[1].requests.first }
            let asked = try #require(world.upstreams[0].requests.first)
            #expect(try JSONDocument(copy.body).root["max_tokens"]?.int == 32)
            #expect(!asked.bodyText.contains("max_tokens"))
        }
    }

    @Test("a copy whose price nobody knows goes out for nobody who has a budget")
    func unpricedShadow() async throws {
        let rule = RouteRule("all", targets: [.init("house")], shadow: RouteRule.Share("cloud", percent: 100))
        let answers = [Sample.chat.answer(stream: false)]
        try await run(
            answers,
            answers,
            settings: {
                $0.routes = [rule]
                $0.prices = PriceSettings(entries: [PriceEntry(provider: "house", model: "*", price: Self.price)])
            }
        ) { world in
            try world.office.make(.tenants, #"{"name":"free","daily_budget":null,"monthly_budget":null}"#)
            let (bound, free) = (try world.key(), try world.key(tenant: "free"))
            try await world.settled()
            #expect(try await world.send(.chat, bound).status == 200)
            #expect(try await world.send(.chat, free).status == 200)
            let copies = try await records(world, 3).filter { $0["part"]?.string == "shadow" }
            #expect(copies.count == 1 && copies.first?["unpriced"]?.bool == true)
            #expect(world.upstreams[1].requests.count == 1)
        }
    }

    @Test("a failed request spends nothing")
    func failure() async throws {
        try await run([Answer.json(#"{"error":{"message":"no"}}"#, status: 500)]) { world in
            let key = try world.key(#""daily_budget":0.003"#)
            try await world.settled()
            for _ in 0..<5 {
                #expect(try await world.send(.chat, key, extra: #""max_tokens":1000,"#).status >= 500)
            }
            let standing = try await world.gateway.administration("/admin/v1/budgets")
            let budgets = try JSONDocument(standing.body).root["data"]?.elements.map { $0 } ?? []
            let own = budgets.filter { $0["level"]?.string == "key" }
            #expect(own.count == 1)
            #expect(own.allSatisfy { $0["spent_usd"]?.double == 0 && $0["reserved_usd"]?.double == 0 })
        }
    }

    @Test("a stream that outgrows its budget ends with its dialect's terminal event", arguments: Sample.allCases)
    func outgrown(_ sample: Sample) async throws {
        let words = (0..<3_000).map { "w\($0) " }
        try await run([Answer.stream(sample.events(words))], settings: { $0.budgets.usualOutput = 32 }) { world in
            let key = try world.key(#""daily_token_budget":400"#)
            try await world.settled()
            let answer = try await world.send(sample, key, stream: true)
            #expect(answer.status == 200)
            #expect(answer.bodyText.contains(sample.terminalMark), "\(answer.bodyText.suffix(400))")
            #expect(!answer.bodyText.contains("w2999 "))
            let record = try #require(try await records(world, 1).last)
            #expect(record["outcome"]?.string == "interrupted" && record["code"]?.string == "budget_exceeded")
            #expect(record["estimated"]?.bool == true)
        }
    }

    @Test("with clamp an answer is shortened to what is left")
    func clamp() async throws {
        try await run([Sample.chat.answer(stream: false)], settings: { $0.budgets.clamp = true }) { world in
            let key = try world.key(#""daily_token_budget":300"#)
            try await world.settled()
            #expect(try await world.send(.chat, key, extra: #""max_tokens":1000,"#).status == 200)
            let sent = try #require(world.upstreams[0].requests.first)
            let asked = try #require(try JSONDocument(sent.body).root["max_tokens"]?.int)
            #expect(asked < 300 && asked > 200)
        }
    }

    @Test("a model whose price nobody knows is refused to whoever has a budget, and marked for everybody else")
    func unknownPrice() async throws {
        try await run([Sample.chat.answer(stream: false)], settings: { $0.prices.unknown = nil }) { world in
            try world.office.make(.tenants, #"{"name":"free","daily_budget":null,"monthly_budget":null}"#)
            let (bound, free) = (try world.key(), try world.key(tenant: "free"))
            try await world.settled()
            let refused = try await world.send(.chat, bound)
            #expect(refused.status == 402 && refused.bodyText.contains("price_unknown"), "\(refused.bodyText)")
            #expect(try await world.send(.chat, free).status == 200)
            let line = try await eventually("the log line") {
                let lines = try world.gateway.log.lines.map { try LoggedRequest($0) }
                return lines.first { $0["route"] == "POST /v1/chat/completions" && $0.number("status") == 200 }
            }
            #expect(line.view["unpriced"]?.bool == true)
        }
    }

    @Test("F15 where nothing can be written down, whoever has a budget gets 503, and it recovers by itself")
    func diskFull() async throws {
        let disk = FaultyDisk()
        let scratch = try Scratch()
        let office = try Office(in: scratch.path)
        try office.make(.tenants, #"{"name":"t"}"#)
        let key = LimitWorld.bearer(try office.key(#"{"tenant":"t","label":"k"}"#))
        let upstream = try await ScriptedUpstream.start(answers: [Sample.chat.answer(stream: false)])
        try await withGateway([try .scripted(upstream)], journalDisk: disk.disk) {
            $0.state.place = .file(scratch.path + "/torii.sqlite")
            $0.metering.journal.place = .folder(scratch.path + "/journal")
            $0.metering.ledger.place = .folder(scratch.path)
        } body: { gateway in
            let request = Sample.chat.request(fields: key)
            #expect(try await gateway.send(request).status == 200)
            disk.change { $0.space = 0 }
            // The record of this one finds the disk full, and waits in memory.
            #expect(try await gateway.send(request).status == 200)
            let refused = try await gateway.send(request)
            #expect(refused.status == 503 && refused.bodyText.contains("account_unavailable"))
            disk.change { $0.space = .max }
            _ = try await eventually("another answer") { try await gateway.send(request).status == 200 ? true : nil }
        }
        await upstream.shutdown()
        let ledger = try Ledger(LedgerSettings(place: .folder(scratch.path)), logger: .silent)
        let place = JournalSettings.Place.folder(scratch.path + "/journal")
        let journal = try Journal(JournalSettings(place: place), logger: .silent)
        try Filing(journal: journal, ledger: ledger, logger: .silent).fileAll()
        let outcomes = try ledger.records(UsageQuery(), after: 0, most: 100).found.map(\.record.outcome)
        #expect(outcomes.count { $0 == .ok } == upstream.requests.count)
    }
}

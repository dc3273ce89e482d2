import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("T6: a noisy neighbour")
struct NoisyNeighbourTests {
    @Test("T6: at a provider's queue tenants take turns, however many users and requests one of them has")
    func queue() async throws {
        let gate = Gate()
        let first: [Step] = [.wait(gate)] + Sample.chat.answer(stream: false)
        try await LimitWorld.run(
            [first, Sample.chat.answer(stream: false)],
            provider: { ($1.limits.concurrency, $1.limits.queue.length) = (1, 32) },
            // The queue belongs to attempts of a rule or of several.
            settings: { $0.attempts = .quick(retries: 0) }
        ) { world in
            let office = world.office
            try office.make(.tenants, #"{"name":"noisy"}"#)
            var noisy: [[(String, String)]] = []
            for number in 0..<10 {
                try office.make(.users, #"{"tenant":"noisy","name":"u\#(number)"}"#)
                noisy.append(try world.key(#""user":"u\#(number)""#, tenant: "noisy"))
            }
            let quiet = try world.key()
            try await world.settled()
            var clients: [RawClient] = []
            func send(_ key: [(String, String)], _ name: String) async throws {
                let client = try await world.gateway.connect()
                clients.append(client)
                try await client.send(Sample.chat.request(extra: #""user":"\#(name)","#, fields: key))
            }
            try await send(noisy[0], "first")
            _ = try await world.upstreams[0].request()
            func queued(_ count: Int) async throws {
                _ = try await eventually("\(count) in the queue") {
                    try await world.gateway.provider(0, "queued") == count ? true : nil
                }
            }
            // Ten users of the one tenant with two requests each, then two of the other tenant.
            for number in 0..<20 {
                try await send(noisy[number % 10], "noisy-\(number)")
                try await queued(number + 1)
            }
            for number in 0..<2 {
                try await send(quiet, "quiet-\(number)")
                try await queued(21 + number)
            }
            gate.open()
            for client in clients { #expect(try await client.answer().status == 200) }
            let order = world.upstreams[0].requests.map { request in
                String(request.bodyText.split(separator: #""user":""#)[1].prefix { $0 != "\"" })
            }
            let places = order.enumerated().filter { $0.element.hasPrefix("quiet") }.map(\.offset)
            #expect(places == [2, 4], "each of the quiet ones waits for one of the others: \(order)")
            for client in clients { client.close() }
        }
    }

    @Test("T6: a gateway that is short of memory still serves each tenant of which nothing runs one request")
    func overload() async throws {
        let memory = Watched(0)
        let scratch = try Scratch()
        let office = try Office(in: scratch.path)
        for name in ["noisy", "quiet"] { try office.make(.tenants, #"{"name":"\#(name)"}"#) }
        let noisy = LimitWorld.bearer(try office.key(#"{"tenant":"noisy","label":"k"}"#))
        let quiet = LimitWorld.bearer(try office.key(#"{"tenant":"quiet","label":"k"}"#))
        let answers = [
            [Answer.chunkedHead(), .stall], Sample.chat.answer(stream: false), [Answer.chunkedHead(), .stall],
        ]
        try await withUpstreams(answers) { upstreams in
            let house = try Provider.scripted(upstreams[0])
            try await withGateway(
                [house],
                memory: { memory.value },
                {
                    $0.overload.memory = 1_000
                    $0.state.place = .file(scratch.path + "/torii.sqlite")
                }
            ) { gateway in
                let running = try await gateway.connect()
                try await running.send(Sample.chat.request(stream: true, fields: noisy))
                _ = try await upstreams[0].request()
                memory.change { $0 = 2_000 }
                _ = try await eventually("shedding") {
                    let answer = try await gateway.send(RawRequest.get("/v1/models", fields: noisy))
                    return answer.status == 503 ? true : nil
                }
                for _ in 0..<10 {
                    #expect(try await gateway.send(Sample.chat.request(fields: noisy)).status == 503)
                }
                #expect(try await gateway.send(Sample.chat.request(fields: quiet)).status == 200)
                // While one of its own runs, it waits like all others.
                let second = try await gateway.connect()
                try await second.send(Sample.chat.request(stream: true, fields: quiet))
                _ = try await upstreams[0].request(2)
                #expect(try await gateway.send(Sample.chat.request(fields: quiet)).status == 503)
                second.close()
                running.close()
            }
        }
    }

    @Test("T6: bodies of a tenant leave room for those of others, and alone it has most of all")
    func bodies() {
        let budget = BodyBudget(limit: 1_000)
        let (noisy, other, quiet) = (TenantLoad(), TenantLoad(), TenantLoad())
        var taken = 0
        while budget.take(10, for: noisy) { taken += 10 }
        #expect(taken == 800)
        #expect(!budget.take(10, for: noisy))
        #expect(budget.take(100, for: quiet), "whoever has nothing gets what fits")
        #expect(!budget.take(101, for: other))
        budget.giveBack(100, for: quiet)
        budget.giveBack(400, for: noisy)
        var more = 0
        while budget.take(10, for: other) { more += 10 }
        #expect(more == 480)
        while budget.take(10, for: noisy) {}
        #expect(budget.take(50, for: quiet))
        #expect(budget.take(1, for: nil), "what is nobody's is bounded by the whole alone")
    }

    @Test("T6: messages of sessions count among a tenant's bodies")
    func messages() async throws {
        try await LimitWorld.run(
            [Sample.chat.answer(stream: false)],
            settings: { $0.limits.bodiesInMemory = 64 << 10 }
        ) { world in
            let key = try world.key()
            try await world.settled()
            let part = [UInt8](repeating: 0x20, count: 28 << 10)
            func begin() async throws -> SocketClient {
                let client = try await SocketClient.open(world.gateway, fields: key)
                try await client.send(SentFrame(opcode: 1, payload: part, isFinal: false))
                return client
            }
            let first = try await begin()
            // The pong says that the part is counted.
            try await first.send(SentFrame(opcode: 9, payload: []))
            #expect(try await first.frame().opcode == 10)
            // Both would fit, and leave others less than a fourth of it.
            let second = try await begin()
            #expect(try await second.closed() == 1013)
            first.close()
        }
    }

    @Test("T6: while work is turned away, each of 64 tenants gets its turn and no more")
    func spared() {
        let busy = BusyTenants()
        let loads = (0..<65).map { _ in TenantLoad() }
        for load in loads.prefix(64) {
            #expect(busy.spares(load))
            busy.didBegin(load)
            busy.didBegin(load)
            #expect(!busy.spares(load))
        }
        #expect(!busy.spares(loads[64]))
        busy.didEnd(loads[0])
        #expect(!busy.spares(loads[0]) && !busy.spares(loads[64]))
        busy.didEnd(loads[0])
        #expect(busy.spares(loads[0]) && busy.spares(loads[64]))
    }
}

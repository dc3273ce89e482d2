import Dispatch
import NIOCore
import NIOPosix
import Providers
import Testing

@testable import Gateway

@Suite("The keys of a token's issuer")
struct TokenKeySourceTests {
    private let issuer: TestIssuer
    private let identities: IdentitySnapshot

    init() throws {
        issuer = try TestIssuer.shared()
        identities = try Office.withTenants().store.snapshot()
    }

    @Test("a new key is fetched when a token names it, and one that is gone opens nothing any more")
    func rotation() async throws {
        let bench = try TokenBench(TestIssuer.set([issuer.ecKey()]))
        try await bench.run {
            let cache = TokenCache()
            let (old, new) = (try issuer.token(), try issuer.token("EdDSA"))
            #expect(try await bench.ask(old, identities, cache) == .good("acme"))
            bench.served.change { $0.keys = TestIssuer.set([issuer.ecKey(), issuer.edKey()]) }
            // Just after a fetch the issuer is not called again for a name.
            #expect(try await bench.ask(new, identities, cache) == .bad)
            bench.pass(seconds: 10)
            #expect(try await bench.ask(new, identities, cache) == .good("acme"))
            #expect(try await bench.ask(old, identities, cache) == .good("acme"))
            bench.served.change { $0.keys = TestIssuer.set([issuer.edKey()]) }
            bench.pass(seconds: 10)
            #expect(try await bench.ask(try issuer.token("RS256"), identities, cache) == .bad)
            #expect(try await bench.ask(old, identities, cache) == .bad)
            #expect(try await bench.ask(new, identities, cache) == .good("acme"))
        }
    }

    @Test("a key that is another one under the old name does not keep the old one's tokens")
    func replaced() async throws {
        let other = try TestIssuer()
        let bench = try TokenBench(TestIssuer.set([issuer.ecKey()]))
        try await bench.run {
            let cache = TokenCache()
            let token = try issuer.token()
            #expect(try await bench.ask(token, identities, cache) == .good("acme"))
            bench.served.change { $0.keys = TestIssuer.set([other.ecKey()]) }
            bench.pass(seconds: 10)
            #expect(try await bench.ask(try issuer.token("EdDSA"), identities, cache) == .bad)
            #expect(try await bench.ask(token, identities, cache) == .bad)
            #expect(try await bench.ask(try other.token(), identities, cache) == .good("acme"))
        }
    }

    @Test("whoever is in a hurry has the keys fetched at once, also behind a fetch that is under way")
    func hurries() async throws {
        let bench = try TokenBench(TestIssuer.set([issuer.ecKey()]))
        try await bench.run {
            let cache = TokenCache()
            let token = try issuer.token()
            #expect(try await bench.ask(token, identities, cache) == .good("acme"))
            bench.served.change { $0.keys = TestIssuer.set([issuer.edKey()]) }
            bench.source.hurry()
            _ = try await eventually("the second set") { bench.source.newestVersion == 2 ? true : nil }
            #expect(try await bench.ask(token, identities, cache) == .bad)
            let open = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Void.self)
            bench.served.change { $0.gate = open.futureResult }
            bench.source.hurry()
            _ = try await eventually("the third fetch") { bench.served.value.fetches == 3 ? true : nil }
            bench.source.hurry()
            open.succeed()
            _ = try await eventually("the fourth set") { bench.source.newestVersion == 4 ? true : nil }
            #expect(bench.served.value.fetches == 4)
        }
    }

    @Test("F19: while the issuer is down its keys count on, and a token of an unknown one is a 503 and no 401")
    func down() async throws {
        let bench = try TokenBench(TestIssuer.set([issuer.ecKey()]))
        try await bench.run {
            let cache = TokenCache()
            let (known, unknown) = (
                try issuer.token("ES256", TestIssuer.claims(lasts: 200_000)), try issuer.token("EdDSA")
            )
            #expect(try await bench.ask(known, identities, cache) == .good("acme"))
            bench.served.change { $0.keys = nil }
            bench.pass(seconds: 10)
            guard case .unavailable = try await bench.ask(unknown, identities, cache) else {
                Issue.record("nobody knows whether there is such a key")
                return
            }
            #expect(try await bench.ask(known, identities, cache) == .good("acme"))
            // And not longer than they may.
            bench.pass(seconds: 86_400 - 20)
            #expect(try await bench.ask(known, identities, cache) == .good("acme"))
            bench.pass(seconds: 20)
            guard case .unavailable = try await bench.ask(known, identities, cache) else {
                Issue.record("the keys are too old")
                return
            }
            bench.served.change { $0.keys = TestIssuer.set([issuer.ecKey()]) }
            bench.pass(seconds: 60)
            #expect(try await bench.ask(known, identities, cache) == .good("acme"))
        }
    }

    @Test("an issuer that takes all its keys out has no token that is good, whereas one that breaks keeps them")
    func emptied() async throws {
        let bench = try TokenBench(TestIssuer.set([issuer.ecKey()]))
        try await bench.run {
            let cache = TokenCache()
            let (known, unknown) = (try issuer.token(), try issuer.token("EdDSA"))
            #expect(try await bench.ask(known, identities, cache) == .good("acme"))
            for broken in ["no JSON", "{}"] {
                bench.served.change { $0.keys = broken }
                bench.pass(seconds: 10)
                guard case .unavailable = try await bench.ask(unknown, identities, cache) else {
                    Issue.record("nobody knows whether there is such a key")
                    return
                }
                #expect(try await bench.ask(known, identities, cache) == .good("acme"))
            }
            bench.served.change { $0.keys = TestIssuer.set([]) }
            bench.pass(seconds: 10)
            #expect(try await bench.ask(unknown, identities, cache) == .unavailable(10))
            #expect(try await bench.ask(known, identities, cache) == .unavailable(10))
            bench.pass(seconds: 4)
            #expect(try await bench.ask(known, identities) == .unavailable(6))
            bench.served.change { $0.keys = TestIssuer.set([issuer.ecKey()]) }
            bench.pass(seconds: 6)
            #expect(try await bench.ask(known, identities, cache) == .good("acme"))
        }
    }

    @Test("F19: an issuer that was never there is a 503, whatever the token")
    func neverThere() async throws {
        let bench = try TokenBench(nil)
        try await bench.run {
            #expect(try await bench.ask(try issuer.token(), identities) == .unavailable(1))
            let foreign = try issuer.token("ES256", TestIssuer.claims(["iss": #""https://other.example""#]))
            #expect(try await bench.ask(foreign, identities) == .bad)
        }
    }

    @Test("a thousand tokens of unknown keys have the keys fetched once, and those that come later wait for nothing")
    func storm() async throws {
        let bench = try TokenBench(TestIssuer.set([issuer.ecKey()]))
        let tokens = try (0..<1_000).map { try issuer.token(kid: "unknown-\($0)") }
        try await bench.run {
            let open = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Void.self)
            bench.served.change { $0.gate = open.futureResult }
            bench.pass(seconds: 10)
            let verdicts = tokens.map {
                bench.verifier.verdict($0[...], identities, nil, on: MultiThreadedEventLoopGroup.singleton.any())
            }
            open.succeed()
            for (verdict, token) in zip(verdicts, tokens) {
                guard case .wait(let keys) = verdict else {
                    Issue.record("\(verdict)")
                    continue
                }
                try await keys.get()
                #expect(TokenBench.word(bench.verifier.verdict(token[...], identities, nil, on: nil)) == .bad)
            }
            for token in tokens { #expect(try await bench.ask(token, identities) == .bad) }
            #expect(bench.served.value.fetches == 2)
        }
    }

    @Test("no more than so many wait for one issuer at once; the others are told to come again")
    func crowd() async throws {
        let bench = try TokenBench(TestIssuer.set([issuer.ecKey()]))
        let token = try issuer.token()
        let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
        var waiting: [EventLoopFuture<Void>] = []
        for _ in 0..<TokenKeySource.mostWaiting {
            guard case .wait(let keys) = bench.verifier.verdict(token[...], identities, nil, on: eventLoop) else {
                throw Missed(what: "a place to wait")
            }
            waiting.append(keys)
        }
        let next = bench.verifier.verdict(token[...], identities, nil, on: eventLoop)
        #expect(TokenBench.word(next) == .unavailable(1))
        try await bench.run { for keys in waiting { try await keys.get() } }
    }

    @Test("a wait ends by itself where no fetch does")
    func patience() async throws {
        let bench = try TokenBench(nil, longestWait: .milliseconds(1))
        let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
        let token = try issuer.token()
        // Nobody fetches: the source does not run.
        for _ in 0..<2 {
            let verdict = bench.verifier.verdict(token[...], identities, nil, on: eventLoop)
            guard case .wait(let keys) = verdict else { throw Missed(what: "a wait") }
            try await keys.get()
            #expect(TokenBench.word(bench.verifier.verdict(token[...], identities, nil, on: nil)) == .unavailable(1))
        }
    }

    @Test("a file that cannot be read to its end is given up, and is not read twice at once")
    func stuckFile() async throws {
        let fetch = TokenKeyFetch(settings: TransportSettings(), fileTimeout: .milliseconds(1))
        let (gate, isReading) = (DispatchSemaphore(value: 0), Watched(false))
        defer { gate.signal() }
        await #expect(throws: TokenKeyProblem("/stuck takes too long to read")) {
            _ = try await fetch.file("/stuck") {
                isReading.change { $0 = true }
                gate.wait()
                return []
            }
        }
        try await isReading.wait(for: "the read") { $0 }
        await #expect(throws: TokenKeyProblem("/stuck is still being read")) {
            _ = try await fetch.file("/stuck") { [] }
        }
    }

    @Test("whoever waits when the gateway stops waits no longer")
    func stop() async throws {
        let bench = try TokenBench(nil)
        let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
        let verdict = bench.verifier.verdict(try issuer.token()[...], identities, nil, on: eventLoop)
        guard case .wait(let keys) = verdict else { throw Missed(what: "a wait") }
        bench.source.retire()
        await bench.source.run()
        try await keys.get()
    }

    @Test("F16: fetches are a while apart, longer after each failure, and go by the running time alone")
    func schedule() {
        let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
        var schedule = TokenKeySchedule(refresh: .minutes(10), stale: .hours(1))
        /// Whether a fetch begins.
        func begin(_ time: NIODeadline) -> Bool { schedule.begin(at: time) }
        #expect(schedule.isDue(at: start) && schedule.isStale(at: start) && schedule.answer(at: start) == .wait)
        #expect(begin(start))
        #expect(!begin(start + .seconds(20)))
        schedule.end(at: start, isGood: true)
        #expect(schedule.answer(at: start + .seconds(9)) == .absent)
        #expect(schedule.answer(at: start + .seconds(10)) == .wait)
        #expect(!schedule.isDue(at: start + .seconds(599)) && schedule.isDue(at: start + .seconds(600)))
        var now = start + .seconds(600)
        for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
            #expect(begin(now))
            schedule.end(at: now, isGood: false)
            #expect(schedule.answer(at: now) == .unavailable(retryAfter: pause))
            #expect(!begin(now + .seconds(Int64(pause)) - .nanoseconds(1)))
            now = now + .seconds(Int64(pause))
            #expect(schedule.isDue(at: now))
        }
        #expect(!schedule.isStale(at: start + .hours(1)) && schedule.isStale(at: start + .hours(1) + .nanoseconds(1)))
    }
}

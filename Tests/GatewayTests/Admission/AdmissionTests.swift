import Dialects
import Inference
import NIOPosix
import Providers
import Synchronization
import Testing

@testable import Gateway

@Suite("A request is let through by all limits or by none")
struct AdmissionTests {
    /// A clock that stands still until it is moved.
    private final class Time: Sendable {
        private let nanoseconds = Atomic<Int>(1_000_000_000)

        var clock: AdmissionClock {
            AdmissionClock(
                now: { self.nanoseconds.load(ordering: .relaxed) },
                wall: { self.nanoseconds.load(ordering: .relaxed) / 1_000_000 }
            )
        }

        func pass(seconds: Int) { nanoseconds.add(seconds * 1_000_000_000, ordering: .relaxed) }
    }

    private func scope(
        _ limits: [LimitSet.Member: Int],
        of level: LimitLevel = .key,
        after last: LimitScope? = nil
    ) throws -> LimitScope {
        var set = LimitSet()
        for (member, value) in limits { set[member] = value }
        return try #require(LimitScope.of(level, set, after: last))
    }

    private func refused(_ body: () throws -> Void) -> LimitReached? {
        do {
            try body()
            return nil
        } catch {
            return error as? LimitReached
        }
    }

    @Test("what the last one refuses was not taken of those before it", arguments: LimitSet.Member.allCases)
    func allOrNothing(_ member: LimitSet.Member) throws {
        guard member != .maxOutputTokens else { return }
        let time = Time()
        var wide = Dictionary(uniqueKeysWithValues: LimitSet.Member.allCases.map { ($0, 100) })
        wide[.requestsPerMinute] = 1_000
        let outer = try [scope(wide, of: .tenant), scope(wide, of: .team)]
        let inner = try scope([member: 1], of: .key)
        let amounts = TokenAmounts(input: 1, output: member == .tokensPerDay ? 0 : 1)
        var first = try Admission(outer + [inner], time.clock)
        try first.reserve(amounts, of: [])
        let before = outer.map { [$0.requests?.standing(at: 1_000_000_000), $0.input?.standing(at: 1_000_000_000)] }
        for _ in 0..<500 {
            let reached = refused {
                var next = try Admission(outer + [inner], time.clock)
                do throws(LimitReached) { try next.reserve(amounts, of: []) } catch {
                    next.settle(used: TokenAmounts())
                    throw error
                }
            }
            #expect(reached?.member == member && reached?.level == .key)
        }
        let isOfFirstGate = member == .requestsPerMinute || member == .concurrentRequests
        let after = outer.map { [$0.requests?.standing(at: 1_000_000_000), $0.input?.standing(at: 1_000_000_000)] }
        // A request that the second gate refuses has passed the first one, and counts there.
        #expect(isOfFirstGate ? before == after : before.map { $0[1] } == after.map { $0[1] })
        #expect(outer.allSatisfy { $0.places.count == 1 } && inner.places.count == 1)
        first.settle(used: TokenAmounts())
        #expect(outer.allSatisfy { $0.places.count == 0 && $0.day.used == 0 } && inner.places.count == 0)
        #expect(outer.allSatisfy { $0.input?.standing(at: 1_000_000_000).remaining == 100 })
    }

    @Test("a model's limit that refuses gives back what the model had given")
    func model() throws {
        let time = Time()
        let key = try scope([.outputTokensPerMinute: 100])
        let models = try [
            scope([.requestsPerMinute: 5, .concurrentRequests: 5], of: .model),
            scope([.outputTokensPerMinute: 10], of: .model),
        ]
        var first = try Admission([key], time.clock)
        try first.reserve(TokenAmounts(output: 8), of: models)
        for _ in 0..<10 {
            var next = try Admission([key], time.clock)
            let reached = refused { try next.reserve(TokenAmounts(output: 8), of: models) }
            #expect(reached?.level == .model && reached?.member == .outputTokensPerMinute)
            next.settle(used: TokenAmounts())
        }
        #expect(models[0].requests?.standing(at: 1_000_000_000).remaining == 4 && models[0].places.count == 1)
        #expect(key.output?.standing(at: 1_000_000_000).remaining == 92)
        first.settle(used: TokenAmounts(output: 3))
        #expect(models[0].places.count == 0)
        #expect(models[1].output?.standing(at: 1_000_000_000).remaining == 7)
        #expect(key.output?.standing(at: 1_000_000_000).remaining == 97)
    }

    @Test("T5: of 2,000 requests at once from several threads exactly as many are let through as may be")
    func exact() async throws {
        let time = Time()
        let scopes = try [
            scope([.requestsPerMinute: 1_900, .concurrentRequests: 1_800], of: .installation),
            scope([.concurrentRequests: 700, .inputTokensPerMinute: 10_000], of: .tenant),
            scope([.requestsPerMinute: 333, .tokensPerDay: 5_000], of: .key),
        ]
        let tally = Tally()
        try await onThreads(8) {
            for _ in 0..<250 {
                do throws(LimitReached) {
                    var admission = try Admission(scopes, time.clock)
                    do throws(LimitReached) {
                        try admission.reserve(TokenAmounts(input: 10, output: 10), of: [])
                    } catch {
                        admission.settle(used: TokenAmounts())
                        throw error
                    }
                    tally.admitted.withLock { $0.append(admission) }
                } catch {
                    tally.reached.withLock { $0[error.member, default: 0] += 1 }
                }
            }
        }
        let all = tally.admitted.withLock { $0 }
        // A day of 5,000 tokens has 250 requests of 20, of the 333 that a minute has.
        #expect(all.count == 250)
        #expect(tally.reached.withLock { $0 } == [.tokensPerDay: 83, .requestsPerMinute: 1_667])
        #expect(scopes.allSatisfy { $0.places.count == 250 })
        #expect(scopes[1].input?.standing(at: 1_000_000_000).remaining == 7_500)
        for admission in all { admission.settle(used: TokenAmounts(input: 10, output: 0)) }
        #expect(scopes.allSatisfy { $0.places.count == 0 } && scopes[2].day.used == 2_500)
    }

    @Test("requests that come and go on several threads are never more at a time than may be")
    func concurrent() async throws {
        let time = Time()
        let scopes = try [scope([.concurrentRequests: 5], of: .tenant), scope([.concurrentRequests: 3], of: .key)]
        let tally = Tally()
        try await onThreads(8) {
            for _ in 0..<5_000 {
                guard let admission = try? Admission(scopes, time.clock) else { continue }
                let now = tally.inside.add(1, ordering: .sequentiallyConsistent).newValue
                tally.most.max(now, ordering: .relaxed)
                tally.passed.add(1, ordering: .relaxed)
                tally.inside.subtract(1, ordering: .sequentiallyConsistent)
                admission.settle(used: TokenAmounts())
            }
        }
        #expect(tally.most.load(ordering: .relaxed) <= 3 && tally.passed.load(ordering: .relaxed) > 0)
        #expect(scopes.allSatisfy { $0.places.count == 0 })
    }

    /// What several threads note together.
    private final class Tally: Sendable {
        let admitted = Mutex<[Admission]>([])
        let reached = Mutex<[LimitSet.Member: Int]>([:])
        let inside = Atomic(0)
        let most = Atomic(0)
        let passed = Atomic(0)
    }

    /// Runs the same on so many threads, which begin at once so that they meet.
    private func onThreads(_ count: Int, _ body: @escaping @Sendable () -> Void) async throws {
        let threads = NIOThreadPool(numberOfThreads: count)
        threads.start()
        let ready = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                group.addTask {
                    try await threads.runIfActive {
                        ready.inside.add(1, ordering: .sequentiallyConsistent)
                        while ready.inside.load(ordering: .sequentiallyConsistent) < count {}
                        body()
                    }
                }
            }
            try await group.waitForAll()
        }
        try await threads.shutdownGracefully()
    }

    @Test("other limits count at once: what runs and the day go on, a rate that is another one begins anew")
    func changed() throws {
        let time = Time()
        let old = try scope([
            .requestsPerMinute: 1, .inputTokensPerMinute: 10, .concurrentRequests: 9, .tokensPerDay: 9,
        ])
        var running = try Admission([old], time.clock)
        try running.reserve(TokenAmounts(input: 4), of: [])
        #expect(refused { _ = try Admission([old], time.clock) }?.member == .requestsPerMinute)
        #expect(
            try scope(
                [.requestsPerMinute: 1, .inputTokensPerMinute: 10, .concurrentRequests: 9, .tokensPerDay: 9],
                after: old
            ) === old
        )
        let new = try scope(
            [.requestsPerMinute: 5, .inputTokensPerMinute: 10, .concurrentRequests: 2, .tokensPerDay: 6],
            after: old
        )
        var next = try Admission([new], time.clock)
        #expect(refused { _ = try Admission([new], time.clock) }?.member == .concurrentRequests)
        #expect(refused { try next.reserve(TokenAmounts(input: 3), of: []) }?.member == .tokensPerDay)
        next.settle(used: TokenAmounts())
        running.settle(used: TokenAmounts(input: 6))
        #expect(new.places.count == 0 && new.input?.standing(at: 1_000_000_000).remaining == 4 && new.day.used == 6)
        let free = try #require(LimitScope.of(.key, LimitSet(), after: new))
        let again = try scope([.tokensPerDay: 6], after: free)
        #expect(again.day.used == 6, "a limit that was taken away goes on where it comes again")
        let unused = try scope([.requestsPerMinute: 1])
        #expect(LimitScope.of(.key, LimitSet(), after: unused) == nil)
    }

    @Test("whoever is refused is told when it is worth another try, and then it is")
    func waits() throws {
        let time = Time()
        let key = try scope([.requestsPerMinute: 4])
        for _ in 0..<4 { _ = try Admission([key], time.clock) }
        let reached = try #require(refused { _ = try Admission([key], time.clock) })
        #expect(reached.seconds == 15)
        time.pass(seconds: 14)
        #expect(refused { _ = try Admission([key], time.clock) }?.seconds == 1)
        time.pass(seconds: 1)
        #expect(refused { _ = try Admission([key], time.clock) } == nil)
        let body = reached.refusal.body
        #expect(body.status == 429 && body.code == "rate_limit_exceeded" && body.retryAfter == 15)
        #expect(body.message == "The limit of 4 requests a minute of this key is reached. Try again in 15 s.")
        for level in [LimitLevel.installation, .model] {
            #expect(!LimitReached(level, .requestsPerMinute, 777, wait: 0).refusal.body.message.contains("777"))
        }
    }

    // MARK: What is told

    @Test("the fields tell of the tightest limit, in the words of a dialect's clients")
    func fields() throws {
        let time = Time()
        let scopes = try [
            scope([.requestsPerMinute: 1], of: .installation),
            scope([.requestsPerMinute: 1_000, .inputTokensPerMinute: 600], of: .tenant),
            scope([.requestsPerMinute: 10, .outputTokensPerMinute: 100], of: .key),
        ]
        var admission = try Admission(scopes, time.clock)
        try admission.reserve(TokenAmounts(input: 60, output: 50), of: [])
        let chat = Dictionary(
            uniqueKeysWithValues: RateLimitFields(scopes, .chat, time.clock).list.map { ($0.name, $0.value) }
        )
        #expect(
            chat == [
                "x-ratelimit-limit-requests": "10", "x-ratelimit-remaining-requests": "9",
                "x-ratelimit-reset-requests": "6s", "x-ratelimit-limit-tokens": "100",
                "x-ratelimit-remaining-tokens": "50", "x-ratelimit-reset-tokens": "30s",
            ]
        )
        let list = RateLimitFields(scopes, .messages, time.clock).list
        let messages = Dictionary(uniqueKeysWithValues: list.map { ($0.name, $0.value) })
        #expect(messages["anthropic-ratelimit-requests-remaining"] == "9")
        #expect(messages["anthropic-ratelimit-input-tokens-limit"] == "600")
        #expect(messages["anthropic-ratelimit-input-tokens-remaining"] == "540")
        #expect(messages["anthropic-ratelimit-output-tokens-reset"] == "1970-01-01T00:00:31Z")
        #expect(list.count == 9)
        var fields = Fields([("X-RateLimit-Limit-Requests", "5"), ("x-ratelimit-other", "6"), ("a", "b")])
        RateLimitFields(scopes, .chat, time.clock).write(to: &fields)
        #expect(fields.all("x-ratelimit-limit-requests") == ["10"] && fields.first("x-ratelimit-other") == "6")
        #expect(fields.fault == nil)
    }

    @Test(
        "a time is written as OpenAI does",
        arguments: [
            (0, "0ms"), (1, "1ms"), (250_000_000, "250ms"), (6_000_000_000, "6s"), (12_500_000_000, "12.5s"),
            (1_001_000_000, "1.001s"), (63_000_000_001, "1m4s"), (3_600_000_000_000, "60m0s"),
        ]
    )
    func times(_ nanoseconds: Int, _ text: String) {
        #expect(RateLimitFields.text(of: nanoseconds) == text)
    }

    // MARK: The configuration's

    @Test("all of a model's limits count that fit its name and its provider")
    func models() {
        func limits(_ number: Int) -> LimitSet {
            var set = LimitSet()
            set.requestsPerMinute = number
            return set
        }
        var settings = AdmissionSettings()
        settings.models = [
            .init("GPT-5*", limits(1)), .init("*", provider: "cloud", limits(2)), .init("gpt-oss", limits(3)),
            .init("gpt-5", LimitSet()), .init("qwen:latest", limits(4)),
        ]
        let configured = ConfiguredLimits(settings, after: nil)
        func found(_ model: String, _ provider: String) -> [Int?] {
            configured.scopes(of: model, at: provider).map(\.limits.requestsPerMinute)
        }
        #expect(found("gpt-5-mini", "cloud") == [1, 2])
        #expect(found("openai/GPT-5", "house") == [1])
        #expect(found("gpt-oss", "Cloud") == [3])
        #expect(found("gpt-oss:latest", "house") == [3] && found("library/GPT-OSS:latest", "house") == [3])
        #expect(found("qwen", "house") == [4] && found("qwen:latest", "house") == [4])
        #expect(found("qwen:4b", "house").isEmpty)
        #expect(found("other", "house").isEmpty)
        let next = ConfiguredLimits(settings, after: configured)
        #expect(next.scopes(of: "gpt-5", at: "x")[0] === configured.scopes(of: "gpt-5", at: "x")[0])
    }
}

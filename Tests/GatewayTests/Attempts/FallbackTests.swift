import Dialects
import Inference
import JSON
import NIOCore
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Targets that take over from others")
struct FallbackTests {
    /// Two providers: one of the pair's caller's dialect, one that speaks the pair's provider's.
    private func pool(_ pair: Pair, _ policy: AttemptPolicy = .quick(retries: 0)) -> Pool {
        Pool(policy: policy) { place, provider in
            provider.dialect = place == 0 ? pair.caller.dialect : pair.provider.dialect
        }
    }

    @Test("F1: an answer comes from a provider of another dialect when the first one fails", arguments: Pair.all)
    func acrossDialects(_ pair: Pair) async throws {
        for stream in [true, false] {
            let failing = Answer.json(pair.caller.errorBody(), status: 503)
            try await pool(pair).run([[failing], [pair.provider.answer(stream: stream)]]) { gateway, upstreams in
                let answer = try await gateway.send(pair.caller.request(stream: stream))
                #expect(answer.status == 200)
                if stream {
                    #expect(pair.caller.text(ofStream: answer.bodyText) == "Hello", "\(answer.bodyText)")
                    #expect(pair.caller.hasEndedWell(answer.bodyText))
                } else {
                    #expect(pair.caller.text(ofWhole: answer.bodyText) == "Hello", "\(answer.bodyText)")
                }
                #expect(upstreams[1].requests.first?.target == pair.provider.providerPath)
                let record = try await gateway.log.record()
                #expect(record["fallback_cause"] == "server_is_overloaded" && record["provider"] == "two")
            }
        }
    }

    @Test("F1: and back: from another dialect to the caller's own bytes", arguments: Pair.translated)
    func fromTranslation(_ pair: Pair) async throws {
        let pool = Pool(policy: .quick(retries: 0)) { place, provider in
            provider.dialect = place == 0 ? pair.provider.dialect : pair.caller.dialect
        }
        let failing = Answer.stream([pair.provider.errorEvent], contentType: pair.provider.streamType)
        try await pool.run([[failing], [pair.caller.answer(stream: true)]]) { gateway, _ in
            let answer = try await gateway.send(pair.caller.request(stream: true))
            #expect(pair.caller.text(ofStream: answer.bodyText) == "Hello", "\(answer.bodyText)")
            #expect(pair.caller.hasEndedWell(answer.bodyText))
            #expect(!answer.bodyText.contains("out of luck"))
        }
    }

    @Test("behind a head and signs of life another provider goes on with the same stream", arguments: Pair.translated)
    func behindSignsOfLife(_ pair: Pair) async throws {
        let gate = Gate()
        let first = pair.provider == .ollama ? [] : [Answer.chunk(pair.provider.events()[0])]
        let failing = [Answer.chunkedHead(contentType: pair.provider.streamType)] + first + [.wait(gate), .reset]
        // The second speaks the caller's own dialect, so that its events have ids of their own.
        var pool = Pool(policy: .quick(retries: 0, repeatsSent: true, holdsHead: .milliseconds(50))) {
            place,
            provider in
            provider.dialect = place == 0 ? pair.provider.dialect : pair.caller.dialect
        }
        pool.settings = { $0.streams.keepAlive = .milliseconds(100) }
        try await pool.run([[failing], [pair.caller.answer(stream: true)]]) { gateway, _ in
            let client = try await gateway.connect()
            try await client.send(pair.caller.request(stream: true))
            let sign =
                switch pair.caller {
                case .chat: ": keep-alive"
                case .responses: #""type":"ping""#
                case .messages: "event: ping"
                case .ollama: #""content":"""#
                }
            try await client.text(containing: sign)
            gate.open()
            let text = try await client.answer().bodyText
            #expect(pair.caller.text(ofStream: text) == "Hello", "\(text)")
            #expect(pair.caller.hasEndedWell(text) && !pair.caller.hasFailed(text))
            for once in ["event: response.created\n", "event: message_start\n", #""role":"assistant","content":"","#] {
                #expect(text.ranges(of: once).count <= 1, "\(text)")
            }
            guard pair.caller == .responses else { return }
            let ids = Set(pair.caller.events(of: text).compactMap { $0["response"]?["id"]?.string })
            #expect(ids.count == 1)
            let numbers = pair.caller.events(of: text).compactMap { $0["sequence_number"]?.int }
            #expect(numbers == Array(numbers.indices))
        }
    }

    @Test("F4: a head that does not come in its time leads to the next provider, and at the end to a 504")
    func slowHead() async throws {
        let clock = SteppedClock()
        let deadlines = AttemptDeadlines(head: .seconds(30))
        let pool = Pool(policy: .quick(retries: 0, repeatsSent: true, deadlines), clock: clock)
        for sample in Sample.allCases {
            try await pool.run([[[.stall]], [sample.answer(stream: true)]]) { gateway, upstreams in
                let client = try await gateway.connect()
                try await client.send(sample.request(stream: true))
                _ = try await upstreams[0].request()
                try await clock.advance(by: .seconds(30))
                #expect(try await gateway.provider(1, "in_flight") == 0, "no deadline passes early")
                try await clock.advance(by: .seconds(1))
                #expect(try await client.answer().bodyText == sample.passedEvents().joined())
                try await upstreams[0].connectionClosed()
                #expect(try await gateway.log.record()["tried"] == "one:upstream_timeout two:ok")
            }
            try await pool.run([[[.stall]], [[.stall]]]) { gateway, upstreams in
                let client = try await gateway.connect()
                try await client.send(sample.request(stream: true))
                for upstream in upstreams {
                    _ = try await upstream.request()
                    try await clock.advance(by: .seconds(31))
                }
                #expect(try await client.answer().status == 504)
                #expect(try await gateway.log.record().number("attempts") == 2)
            }
        }
    }

    @Test("F4: without leave to repeat, a head that does not come is a 504 at once", arguments: Sample.allCases)
    func slowHeadOnce(_ sample: Sample) async throws {
        let clock = SteppedClock()
        let pool = Pool(policy: .quick(AttemptDeadlines(head: .seconds(30))), clock: clock)
        try await pool.run([[[.stall]], [sample.answer(stream: false)]]) { gateway, upstreams in
            let client = try await gateway.connect()
            try await client.send(sample.request())
            _ = try await upstreams[0].request()
            try await clock.advance(by: .seconds(31))
            #expect(try await client.answer().status == 504)
            #expect(upstreams[1].requests.isEmpty)
        }
    }

    @Test(
        "F3 F4: a stream that begins and says nothing leads on at the deadline of its first word",
        arguments: Sample.allCases
    )
    func slowFirstToken(_ sample: Sample) async throws {
        let silent = [Answer.chunkedHead()] + sample.beginning.map(Answer.chunk) + [.stall]
        let clock = SteppedClock()
        let deadlines = AttemptDeadlines(firstToken: .seconds(30))
        // Held back for longer than it is waited for.
        let policy = AttemptPolicy.quick(retries: 0, repeatsSent: true, holdsHead: .seconds(60), deadlines)
        let pool = Pool(policy: policy, clock: clock)
        try await pool.run([[silent], [sample.answer(stream: true)]]) { gateway, upstreams in
            let client = try await gateway.connect()
            try await client.send(sample.request(stream: true))
            _ = try await upstreams[0].request()
            try await clock.advance(by: .seconds(30))
            #expect(try await gateway.provider(1, "in_flight") == 0, "no deadline passes early")
            try await clock.advance(by: .seconds(1))
            #expect(try await client.answer().bodyText == sample.passedEvents().joined())
            try await upstreams[0].connectionClosed()
        }
    }

    @Test("F4: a whole body has no first word to wait for", arguments: Sample.allCases)
    func wholeBody(_ sample: Sample) async throws {
        let gate = Gate()
        let clock = SteppedClock()
        let deadlines = AttemptDeadlines(firstToken: .seconds(1))
        let first: [Step] = [.wait(gate)] + sample.answer(stream: false)
        let pool = Pool(policy: .quick(retries: 0, repeatsSent: true, deadlines), clock: clock)
        try await pool.run([[first], [[.stall]]]) { gateway, upstreams in
            let client = try await gateway.connect()
            try await client.send(sample.request())
            _ = try await upstreams[0].request()
            // A stream that begins later is ended by the same look at the time.
            let stream = try await gateway.connect()
            try await stream.send(sample.request(stream: true))
            for (upstream, number) in [(upstreams[0], 1), (upstreams[1], 0)] {
                _ = try await upstream.request(number)
                try await clock.advance(by: .seconds(2))
            }
            #expect(try await stream.answer().status == 504)
            gate.open()
            #expect(try await client.answer().status == 200)
        }
    }

    @Test(
        "F4: x-torii-timeout bounds all attempts together, and the operator's bound goes before it",
        arguments: [("10s", 3_600), ("60m", 10)],
        Sample.allCases
    )
    func total(_ bounds: (String, Int), _ sample: Sample) async throws {
        let (wanted, allowed) = bounds
        let clock = SteppedClock()
        let pool = Pool(
            policy: .quick(repeatsSent: true, AttemptDeadlines(total: .seconds(allowed))),
            clock: clock
        )
        try await pool.run([[[.stall]], [[.stall]]]) { gateway, upstreams in
            let client = try await gateway.connect()
            try await client.send(sample.request(fields: [("x-torii-timeout", wanted)]))
            _ = try await upstreams[0].request()
            try await clock.advance(by: .seconds(10))
            #expect(try await gateway.provider(0, "in_flight") == 1, "no deadline passes early")
            try await clock.advance(by: .seconds(1))
            #expect(try await client.answer().status == 504)
            #expect(upstreams[0].requests.count == 1 && upstreams[1].requests.isEmpty)
        }
    }

    @Test("what the caller's own timeout ends is not free, as its provider was at work", arguments: Sample.allCases)
    func billedTimeout(_ sample: Sample) async throws {
        let clock = SteppedClock()
        let pool = Pool(
            settings: { $0.prices.unknown = .standard(Price(input: 1_000_000, output: 2_000_000)) },
            clock: clock
        )
        try await pool.run([[[.stall]]]) { gateway, upstreams in
            let client = try await gateway.connect()
            try await client.send(sample.request(fields: [("x-torii-timeout", "10s")]))
            _ = try await upstreams[0].request()
            try await clock.advance(by: .seconds(10))
            try await clock.advance(by: .seconds(1))
            #expect(try await client.answer().status == 504)
            let line = try await eventually("the log line") {
                let lines = try gateway.log.lines.map { try LoggedRequest($0) }
                return lines.first { $0.number("status") == 504 }
            }
            let cost = line.view["cost_usd"]?.double ?? 0
            #expect(line["outcome"] == "failed" && line.view["estimated"]?.bool == true && cost > 0, "\(line.line)")
        }
    }

    @Test("a timeout that is none is refused", arguments: ["soon", "-1", "0", "1e3", "90000", "5x", "٣s"])
    func badTimeout(_ text: String) async throws {
        try await Pool().run([[Sample.chat.answer(stream: false)]]) { gateway, upstreams in
            let answer = try await gateway.send(Sample.chat.request(fields: [("x-torii-timeout", text)]))
            #expect(answer.status == 400 && answer.bodyText.contains("x-torii-timeout"))
            #expect(upstreams[0].requests.isEmpty)
        }
    }

    @Test("a timeout that is none is refused before a copy goes out")
    func badTimeoutWithShadow() async throws {
        var pool = Pool()
        pool.settings = { $0.routes[0].shadow = RouteRule.Share("two", percent: 100) }
        let answer = Sample.chat.answer(stream: false)
        try await pool.run([[answer], [answer]]) { gateway, upstreams in
            let refused = try await gateway.send(Sample.chat.request(fields: [("x-torii-timeout", "soon")]))
            #expect(refused.status == 400)
            #expect(try await gateway.provider(1, "in_flight") == 0)
            #expect(try await gateway.send(Sample.chat.request()).status == 200)
            _ = try await eventually("the good one's copy") { upstreams[1].requests.first }
            #expect(upstreams[1].requests.count == 1)
        }
    }

    @Test("F4: the time for all together counts from the request's head, whenever its body came")
    func totalFromHead() throws {
        let deadlines = AttemptDeadlines(total: .seconds(30))
        let provider = Provider(name: "p", baseURL: try BaseURL("http://127.0.0.1:1"))
        let plan = RoutePlan(
            targets: [RouteTarget(provider: provider, model: "m", dialect: .chat, state: ProviderState())],
            policy: .quick(deadlines)
        )
        let facts = try RequestFacts(Array(Sample.chat.body().utf8), endpoint: .chatCompletions)
        let head = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
        let attempts = AttemptLoop(plan, facts, limit: .seconds(10), since: head)
        #expect(attempts.remaining(at: head + .seconds(4)) == .seconds(6))
    }

    @Test("a prompt that is too long goes only to a target that names it, or is known to take more")
    func tooLong() async throws {
        let body = #"{"error":{"message":"too long","type":"invalid_request_error","code":"context_length_exceeded"}}"#
        let failing = Answer.json(body, status: 400)
        var pool = Pool(policy: .quick(retries: 0))
        for named in [false, true] {
            pool.target = { place, target in
                if place == 1, named { target.causes = [.contextTooLong] }
            }
            try await pool.run([[failing], [Sample.chat.answer(stream: false)]]) { gateway, upstreams in
                let answer = try await gateway.send(Sample.chat.request())
                #expect(answer.status == (named ? 200 : 400))
                #expect(upstreams[1].requests.count == (named ? 1 : 0))
            }
        }
        let larger = Pool(
            policy: .quick(retries: 0),
            target: { place, target in
                target.model = place == 0 ? "gpt-oss-20b" : "gpt-4.1"
            }
        )
        try await larger.run([[failing], [Sample.chat.answer(stream: false)]]) { gateway, upstreams in
            let answer = try await gateway.send(Sample.chat.request())
            #expect(answer.status == 200)
            #expect(upstreams[1].requests.first?.bodyText.contains(#""model":"gpt-4.1""#) == true)
        }
    }

    @Test("a target with causes of its own takes over for no other")
    func causes() async throws {
        let pool = Pool(
            policy: .quick(retries: 0),
            target: { place, target in
                if place == 1 { target.causes = [.outOfMemory] }
            }
        )
        let memory = Answer.json(#"{"error":{"message":"CUDA out of memory","type":"server_error"}}"#, status: 500)
        for (failing, status) in [(memory, 200), (Answer.refusal(.chat, 503), 503)] {
            try await pool.run([[failing], [Sample.chat.answer(stream: false)]]) { gateway, _ in
                let answer = try await gateway.send(Sample.chat.request())
                #expect(answer.status == status)
            }
        }
    }

    @Test(
        "a target that cannot be asked what was asked leads to the next one, the first one too",
        arguments: Pair.translated
    )
    func cannotCarry(_ pair: Pair) async throws {
        for others in [1, 2] {
            let pool = Pool(policy: .quick(retries: 0)) { place, provider in
                provider.dialect = place < others ? pair.provider.dialect : pair.caller.dialect
                provider.keepsResponses = false
            }
            let answers = [[[Step.stall]], [pair.caller.answer(stream: false)]]
            try await pool.run(answers) { gateway, upstreams in
                let request = pair.caller.request(stream: false, extra: #""x_unheard_of":[1],"#)
                let answer = try await gateway.send(request)
                #expect(answer.status == (others == 1 ? 200 : 400), "\(answer.bodyText)")
                if others == 2 { #expect(answer.bodyText.contains("x_unheard_of")) }
                #expect(upstreams[0].requests.isEmpty)
                let record = try await gateway.log.record()
                #expect(record["provider"] == "two" && record["outcome"] == (others == 1 ? "ok" : "refused"))
                try await gateway.isIdle()
            }
        }
    }

    @Test("a conversation's next request goes on to a target that can be asked it")
    func cannotCarryOn() async throws {
        let pool = Pool(policy: .quick(retries: 0)) { place, provider in
            provider.dialect = place == 0 ? .chat : .responses
            provider.keepsResponses = false
        }
        let answers = [[Side.chat.answer(stream: false)], [Side.responses.answer(stream: false)]]
        try await pool.run(answers) { gateway, upstreams in
            let first = try await gateway.send(Side.responses.request(text: "first", stream: false))
            let id = try #require(JSONDocument(first.body).root["id"]?.string)
            let extra = #""previous_response_id":"\#(id)","x_unheard_of":[1],"#
            let answer = try await gateway.send(Side.responses.request(text: "second", stream: false, extra: extra))
            #expect(answer.status == 200, "\(answer.bodyText)")
            #expect(upstreams[0].requests.count == 1)
            #expect(upstreams[1].requests.first?.bodyText.contains("first") == true)
        }
    }

    @Test("F10: a provider whose certificate is wrong leads to the next one, and no key is shown")
    func certificate() async throws {
        let bad = try await ScriptedUpstream.start(.init(certificate: .expired), answers: [[.stall]])
        let good = try await ScriptedUpstream.start(answers: [Sample.chat.answer(stream: false)])
        let pool = Pool { place, provider in
            guard place == 0, let url = try? BaseURL(bad.secureURL) else { return }
            provider.baseURL = url
            provider.caFile = TestCertificate.rootFile
        }
        try await pool.run([bad, good]) { gateway, _ in
            let answer = try await gateway.send(Sample.chat.request())
            #expect(answer.status == 200)
            let record = try await gateway.log.record()
            #expect(record["tried"] == "one:upstream_unreachable two:ok")
        }
        #expect(bad.requests.isEmpty)
        for upstream in [bad, good] { await upstream.shutdown() }
    }

    @Test("F12: a client that leaves while the second attempt runs closes it", arguments: Sample.allCases)
    func clientLeaves(_ sample: Sample) async throws {
        try await Pool(policy: .quick(retries: 0)).run([[Answer.refusal(sample, 503)], [[.stall]]]) {
            gateway,
            upstreams in
            let client = try await gateway.connect()
            try await client.send(sample.request(stream: true))
            _ = try await upstreams[1].request()
            client.close()
            try await upstreams[1].connectionClosed()
            try await gateway.isIdle()
            let record = try await gateway.log.record()
            #expect(record["outcome"] == "client_gone" && record["provider"] == "two")
            #expect(try await gateway.provider(1, "in_flight") == 0)
        }
    }

    @Test("F13: a reader that is slow behind a fallback gets all of it")
    func slowReader() async throws {
        let words = (0..<4_000).map { "word-\($0)-" + String(repeating: "x", count: 1_000) }
        let long = Answer.stream(Sample.chat.events(words))
        try await Pool(policy: .quick(retries: 0)).run([[Answer.refusal(.chat, 503)], [long]]) { gateway, _ in
            let client = try await gateway.connect(receiveBuffer: 16 << 10, reads: false)
            try await client.send(Sample.chat.request(stream: true))
            _ = try await eventually("the second attempt") {
                try await gateway.provider(1, "in_flight") == 1 ? true : nil
            }
            try await client.setReading(true)
            #expect(try await client.answer().bodyText == Sample.chat.passedEvents(words).joined())
        }
    }

    @Test("what a request continues goes with it to whichever provider takes over")
    func conversation() async throws {
        let pool = Pool(policy: .quick(retries: 0)) { place, provider in
            provider.dialect = place == 0 ? .responses : .chat
            provider.keepsResponses = false
        }
        let first = Side.responses.answer(stream: false)
        let answers = [[first, Answer.refusal(.responses, 503)], [Side.chat.answer(stream: false)]]
        try await pool.run(answers) { gateway, upstreams in
            #expect(try await gateway.send(Side.responses.request(text: "first", stream: false)).status == 200)
            let next = Side.responses.request(
                text: "second",
                stream: false,
                extra: #""previous_response_id":"resp_1","#
            )
            let answer = try await gateway.send(next)
            #expect(answer.status == 200, "\(answer.bodyText)")
            let body = try #require(upstreams[1].requests.first?.bodyText)
            for said in ["first", "Hello", "second"] { #expect(body.contains(said)) }
            #expect(Side.responses.text(ofWhole: answer.bodyText) == "Hello")
        }
    }
}

import Inference
import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Limits at a gateway that runs")
struct LimitsOverWireTests {
    // MARK: Requests a minute

    @Test(
        "a request too many is a 429 in its dialect before its body is read, and is let through when it is due",
        arguments: Sample.allCases
    )
    func requests(_ sample: Sample) async throws {
        try await LimitWorld.run([sample.answer(stream: false)]) { world in
            let key = try world.key(#""requests_per_minute":2"#)
            try await world.settled()
            func name(_ word: String) -> String {
                sample == .messages ? "anthropic-ratelimit-requests-\(word)" : "x-ratelimit-\(word)-requests"
            }
            for left in [1, 0] {
                let answer = try await world.send(sample, key)
                #expect(answer.status == 200)
                #expect(answer.field(name("limit")) == "2" && answer.field(name("remaining")) == "\(left)")
                #expect(answer.field(name("reset")) != nil)
            }
            let client = try await world.gateway.connect()
            let request = sample.request(fields: key)
            let end = try #require(request.firstRange(of: "\r\n\r\n")).upperBound
            try await client.send(String(request[..<end]))
            let refused = try await client.answer(within: .seconds(5))
            client.close()
            #expect(refused.status == 429 && refused.bodyText.hasPrefix(sample.errorMark))
            #expect(refused.bodyText.contains(sample == .messages ? "rate_limit_error" : "rate_limit_exceeded"))
            #expect(refused.field("retry-after") == "30" && refused.field(name("remaining")) == "0")
            #expect(world.upstreams[0].requests.count == 2)
            world.time.pass(seconds: 29)
            #expect(try await world.send(sample, key).status == 429)
            world.time.pass(seconds: 1)
            #expect(try await world.send(sample, key).status == 200)
            let record = try await eventually("the log line") {
                try world.gateway.log.lines.map { try LoggedRequest($0) }.first { $0["code"] == "rate_limit_exceeded" }
            }
            #expect(record["outcome"] == "refused" && record.number("status") == 429)
        }
    }

    @Test("the limits of a tenant, a team and a user hold for all their keys together, and a tenant's admin lifts none")
    func levels() async throws {
        try await LimitWorld.run([Sample.chat.answer(stream: false)]) { world in
            let office = world.office
            let team = try office.make(.teams, #"{"tenant":"t","name":"red","requests_per_minute":3}"#)
            let user = try office.make(
                .users,
                #"{"tenant":"t","name":"ann","team":"red","requests_per_minute":2}"#
            )
            try office.make(.users, #"{"tenant":"t","name":"bob","team":"red"}"#)
            let (first, second) = (try world.key(#""user":"ann""#), try world.key(#""user":"ann""#))
            let (bob, other) = (try world.key(#""user":"bob""#), try world.key())
            let admin = try office.key(#"{"tenant":"t","label":"a","role":"tenant-admin"}"#)
            try await world.change("tenants/t", #"{"requests_per_minute":4}"#)
            for (key, level) in [
                (first, ""), (second, ""), (first, "user"), (second, "user"), (bob, ""), (bob, "team"), (other, ""),
                (other, "tenant"), (bob, "team"),
            ] {
                let answer = try await world.send(.chat, key)
                #expect(answer.status == (level.isEmpty ? 200 : 429), "\(level)")
                #expect(level.isEmpty || answer.bodyText.contains("of this \(level) is"), "\(answer.bodyText)")
            }
            let actor = try office.actor(admin)
            let lift = #"{"requests_per_minute":1000}"#
            #expect(try office.ask("PATCH", "tenants/t", lift, as: actor).status == 403)
            #expect(try office.ask("PATCH", "teams/\(team.id)", lift, as: actor).status == 200)
            let lifted = try office.ask("PATCH", "users/\(user.id)", #"{"requests_per_minute":null}"#, as: actor)
            #expect(lifted.status == 200 && lifted.root["requests_per_minute"]?.isNull == true)
            try await world.settled()
            let still = try await world.send(.chat, first)
            #expect(still.status == 429 && still.bodyText.contains("of this tenant is"))
        }
    }

    @Test("the installation bounds all callers, also those without a key, and a reload counts at once")
    func installation() async throws {
        try await withUpstreams([Sample.chat.answer(stream: false)]) { upstreams in
            let house = try Provider.scripted(upstreams[0])
            try await withReload([house]) { test in
                try await test.take([house]) { $0.admission.installation.requestsPerMinute = 2 }
                for status in [200, 200, 429] {
                    let answer = try await test.gateway.send(Sample.chat.request())
                    #expect(answer.status == status && answer.field("x-ratelimit-limit-requests") == nil)
                }
                #expect(try await test.gateway.send(RawRequest.get("/v1/models")).status == 200)
                // The same limit goes on from what was counted.
                try await test.take([house]) {
                    $0.admission.installation.requestsPerMinute = 2
                    $0.admission.installation.maxOutputTokens = 9
                }
                #expect(try await test.gateway.send(Sample.chat.request()).status == 429)
                try await test.take([house]) { $0.admission.installation.requestsPerMinute = 1_000 }
                #expect(try await test.gateway.send(Sample.chat.request()).status == 200)
            }
        }
    }

    @Test("a limit that is changed while the gateway runs counts for the next request")
    func changed() async throws {
        try await LimitWorld.run([Sample.chat.answer(stream: false)]) { world in
            let made = try world.office.make(.keys, #"{"tenant":"t","label":"k","requests_per_minute":1}"#)
            let key = LimitWorld.bearer(made.key)
            try await world.settled()
            for status in [200, 429] { #expect(try await world.send(.chat, key).status == status) }
            try await world.change("keys/\(made.id)", #"{"label":"other"}"#)
            #expect(try await world.send(.chat, key).status == 429, "another change leaves what was counted")
            try await world.change("keys/\(made.id)", #"{"requests_per_minute":2}"#)
            for status in [200, 200, 429] { #expect(try await world.send(.chat, key).status == status) }
            try await world.change("keys/\(made.id)", #"{"requests_per_minute":null}"#)
            let free = try await world.send(.chat, key)
            #expect(free.status == 200 && free.field("x-ratelimit-limit-requests") == nil)
        }
    }

    // MARK: Requests at a time

    @Test("F12: a place is free again once, whichever way its request ends", arguments: Sample.allCases)
    func places(_ sample: Sample) async throws {
        let (first, last) = (Gate(), Gate())
        let stream = sample.answer(stream: true)
        let broken: [Step] = [Answer.chunkedHead(), Answer.chunk(sample.events()[0]), .close]
        let answers = [
            [.wait(first)] + stream, [.stall], broken, Answer.refusal(sample, 500), stream, [.wait(last)] + stream,
        ]
        try await LimitWorld.run(answers) { world in
            let (gateway, upstream) = (world.gateway, world.upstreams[0])
            let key = try world.key(#""concurrent_requests":1"#)
            try await world.settled()
            func begin(_ number: Int) async throws -> RawClient {
                let client = try await gateway.connect()
                try await client.send(sample.request(stream: true, fields: key))
                _ = try await upstream.request(number)
                return client
            }
            let running = try await begin(0)
            let refused = try await world.send(sample, key)
            #expect(refused.status == 429 && refused.field("retry-after") == "1")
            #expect(refused.bodyText.contains("The limit of 1 requests at a time of this key"))
            first.open()
            #expect(try await running.answer().status == 200)
            // The client leaves.
            try await begin(1).close()
            try await gateway.isIdle()
            // The stream breaks, the upstream fails, requests are no good, and then all is well.
            _ = try await world.send(sample, key, stream: true)
            #expect(try await world.send(sample, key, stream: true).status == 500)
            #expect(try await gateway.send(RawRequest.post(sample.path, "{", fields: key)).status == 400)
            let wrong = RawRequest.post(sample.path, "{}", fields: key, contentType: "text/plain")
            #expect(try await gateway.send(wrong).status == 415)
            #expect(try await world.send(sample, key, stream: true).status == 200)
            // And the place is not there twice.
            let next = try await begin(5)
            #expect(try await world.send(sample, key).status == 429)
            last.open()
            #expect(try await next.answer().status == 200)
            for client in [running, next] { client.close() }
            #expect(upstream.requests.count == 6)
        }
    }

    @Test("a request counts once, however many attempts become of it")
    func attempts() async throws {
        let answers = [Answer.refusal(.chat, 503), Sample.chat.answer(stream: false)]
        try await LimitWorld.run(answers, settings: { $0.attempts = .quick(retries: 1) }) { world in
            let key = try world.key(#""requests_per_minute":10,"concurrent_requests":1"#)
            try await world.settled()
            let answer = try await world.send(.chat, key)
            #expect(answer.status == 200 && answer.field("x-torii-attempts") == "2")
            #expect(answer.field("x-ratelimit-remaining-requests") == "9")
            #expect(world.upstreams[0].requests.count == 2)
            #expect(try await world.send(.chat, key).status == 200)
        }
    }

    @Test("each message of a session counts, and a warm-up and the handshake do not")
    func session() async throws {
        try await LimitWorld.run([Sample.responses.answer(stream: true)]) { world in
            let key = try world.key(#""requests_per_minute":2,"concurrent_requests":1"#)
            try await world.settled()
            let client = try await SocketClient.open(world.gateway, fields: key)
            let warm = #"{"type":"response.create","model":"m","input":"hi","generate":false}"#
            for _ in 0..<3 {
                #expect(try await client.ask(warm).last?["type"]?.string == "response.completed")
            }
            let create = #"{"type":"response.create","model":"m","input":"hi"}"#
            for _ in 0..<2 {
                #expect(try await client.ask(create).last?["type"]?.string == "response.completed")
            }
            let refused = try #require(try await client.ask(create).last)
            #expect(refused["type"]?.string == "error" && refused["status"]?.int == 429)
            #expect(refused["error"]?["code"]?.string == "rate_limit_exceeded")
            #expect(refused["headers"]?["retry-after"]?.string == "30")
            #expect(refused["headers"]?["x-ratelimit-remaining-requests"]?.string == "0")
            world.time.pass(seconds: 30)
            #expect(try await client.ask(create).last?["type"]?.string == "response.completed")
            client.close()
        }
    }

    // MARK: Tokens

    @Test("tokens are set aside for what is asked, and what was used takes their place", arguments: Sample.allCases)
    func tokens(_ sample: Sample) async throws {
        try await LimitWorld.run([sample.answer(stream: false), sample.answer(stream: true)]) { world in
            // The answers have 3 tokens in and 2 out.
            let key = try world.key(#""output_tokens_per_minute":60,"input_tokens_per_minute":6000"#)
            try await world.settled()
            let limit =
                sample == .responses ? #""max_output_tokens":50,"# : sample == .messages ? "" : #""max_tokens":50,"#
            let asked = sample == .messages ? 16 : 50
            let (used, name) =
                sample == .messages
                ? (2, "anthropic-ratelimit-output-tokens-remaining") : (2, "x-ratelimit-remaining-tokens")
            for (number, stream) in [false, true].enumerated() {
                let answer = try await world.send(sample, key, stream: stream, extra: limit)
                #expect(answer.status == 200)
                #expect(answer.field(name) == "\(60 - number * used - asked)")
            }
            try await world.gateway.isIdle()
            let held = try await world.send(sample, key, extra: limit)
            #expect(held.field(name) == "\(60 - 2 * used - asked)")
        }
    }

    @Test("tokens that are set aside are not there for others, and come back when the client leaves before any answer")
    func reservation() async throws {
        try await LimitWorld.run([[.stall], Sample.chat.answer(stream: false)]) { world in
            let key = try world.key(#""output_tokens_per_minute":100"#)
            try await world.settled()
            let running = try await world.gateway.connect()
            try await running.send(Sample.chat.request(extra: #""max_tokens":80,"#, fields: key))
            _ = try await world.upstreams[0].request()
            let refused = try await world.send(.chat, key, extra: #""max_tokens":21,"#)
            #expect(refused.status == 429 && refused.bodyText.contains("100 output tokens a minute of this key"))
            #expect(refused.field("x-ratelimit-remaining-tokens") == "20")
            #expect(try await world.send(.chat, key, extra: #""max_tokens":20,"#).status == 200)
            running.close()
            try await world.gateway.isIdle()
            let whole = try await world.send(.chat, key, extra: #""max_tokens":98,"#)
            #expect(whole.status == 200 && whole.field("x-ratelimit-remaining-tokens") == "0")
        }
    }

    @Test(
        "tokens are set aside for each of several answers",
        arguments: [
            (Sample.chat, #""n":3,"max_tokens":20,"#), (.completions, #""n":2,"best_of":3,"max_tokens":20,"#),
        ]
    )
    func several(_ sample: Sample, _ extra: String) async throws {
        try await LimitWorld.run([sample.answer(stream: false)]) { world in
            let key = try world.key(#""output_tokens_per_minute":100"#)
            try await world.settled()
            let answer = try await world.send(sample, key, extra: extra)
            #expect(answer.status == 200 && answer.field("x-ratelimit-remaining-tokens") == "40")
            try await world.gateway.isIdle()
            let endless = "\"n\":\(Int.max),\"max_tokens\":\(Int.max),"
            #expect(try await world.send(sample, key, extra: endless).status == 429)
        }
    }

    @Test("who leaves just before the end of an answer has had what came of it")
    func leaving() async throws {
        let words = (1...50).map { "word \($0)" }
        let unfinished: [Step] =
            [Answer.chunkedHead()] + Sample.messages.events(words).dropLast(3).map(Answer.chunk) + [.stall]
        try await LimitWorld.run([unfinished, Sample.messages.answer(stream: false)]) { world in
            let key = try world.key(#""output_tokens_per_minute":1000"#)
            try await world.settled()
            let client = try await world.gateway.connect()
            try await client.send(Sample.messages.request(stream: true, fields: key))
            try await client.text(containing: "word 50")
            client.close()
            try await world.gateway.isIdle()
            let next = try await world.send(.messages, key)
            let left = try #require(next.field("anthropic-ratelimit-output-tokens-remaining").flatMap { Int($0) })
            #expect(left <= 1_000 - 16 - 50)
        }
    }

    @Test("of an answer that its provider writes later what was set aside stands")
    func background() async throws {
        let queued =
            #"{"id":"resp_1","object":"response","created_at":1,"model":"m","status":"queued","output":[],"usage":null}"#
        try await LimitWorld.run(
            [Answer.json(queued), Sample.responses.answer(stream: false)],
            provider: { ($1.dialect, $1.keepsResponses) = (.responses, true) }
        ) { world in
            let key = try world.key(#""output_tokens_per_minute":1000"#)
            try await world.settled()
            let later = #""background":true,"max_output_tokens":400,"#
            #expect(try await world.send(.responses, key, extra: later).status == 200)
            try await world.gateway.isIdle()
            let next = try await world.send(.responses, key, extra: #""max_output_tokens":100,"#)
            #expect(next.field("x-ratelimit-remaining-tokens") == "500")
        }
    }

    @Test("an answer that fails costs nothing, one that broke off what was counted or came")
    func failures() async throws {
        let events = Sample.messages.events()
        let broken: [Step] = [Answer.chunkedHead()] + events.dropLast(3).map(Answer.chunk) + [.close]
        try await LimitWorld.run([Answer.refusal(.messages, 500), broken, Sample.messages.answer(stream: false)]) {
            world in
            let key = try world.key(#""input_tokens_per_minute":1000"#)
            try await world.settled()
            #expect(try await world.send(.messages, key).status == 500)
            let name = "anthropic-ratelimit-input-tokens-remaining"
            let second = try await world.send(.messages, key, stream: true)
            let estimate = try #require(second.field(name).flatMap { Int($0) })
            #expect(estimate == 1_000 - Sample.messages.body(stream: true).utf8.count / 4)
            let third = try await world.send(.messages, key)
            let left = 1_000 - 3 - Sample.messages.body().utf8.count / 4
            #expect(third.field(name) == "\(left)", "Messages tells of the prompt at its beginning")
        }
    }

    @Test("a day's tokens are refused until midnight in UTC")
    func day() async throws {
        try await LimitWorld.run([Sample.chat.answer(stream: false)]) { world in
            let key = try world.key(#""tokens_per_day":40"#)
            try await world.settled()
            let few = #""max_tokens":1,"#
            #expect(try await world.send(.chat, key, extra: few).status == 200)
            let refused = try await world.send(.chat, key, extra: #""max_tokens":30,"#)
            #expect(refused.status == 429 && refused.bodyText.contains("40 tokens a day of this key"))
            let wait = try #require(refused.field("retry-after").flatMap { Int($0) })
            #expect((1...86_400).contains(wait))
            world.time.pass(seconds: wait - 1)
            #expect(try await world.send(.chat, key, extra: #""max_tokens":30,"#).status == 429)
            world.time.pass(seconds: 1)
            #expect(try await world.send(.chat, key, extra: #""max_tokens":20,"#).status == 200)
        }
    }

    @Test("a request may ask for an answer of any length", arguments: [Sample.chat, .responses])
    func endless(_ sample: Sample) async throws {
        try await LimitWorld.run([sample.answer(stream: false)]) { world in
            let key = try world.key(#""tokens_per_day":1000,"output_tokens_per_minute":1000"#)
            try await world.settled()
            let name = sample == .responses ? "max_output_tokens" : "max_tokens"
            #expect(try await world.send(sample, key, extra: "\"\(name)\":\(Int.max),").status == 200)
            try await world.gateway.isIdle()
            world.time.pass(seconds: 60)
            #expect(try await world.send(sample, key, extra: "\"\(name)\":\(Int.max),").status == 429)
            #expect(try await world.send(sample, key, extra: "\"\(name)\":100,").status == 200)
        }
    }

    @Test("vectors have only a prompt, and a count of tokens has neither")
    func others() async throws {
        let vectors =
            #"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5]}],"model":"m","usage":{"prompt_tokens":4,"total_tokens":4}}"#
        let count = Answer.json(#"{"input_tokens":9}"#)
        try await LimitWorld.run([Answer.json(vectors), count]) { world in
            let key = try world.key(
                #""input_tokens_per_minute":1000,"output_tokens_per_minute":10,"requests_per_minute":3"#
            )
            try await world.settled()
            let body = #"{"model":"m","input":"some text"}"#
            let answer = try await world.gateway.send(RawRequest.post("/v1/embeddings", body, fields: key))
            #expect(answer.status == 200 && answer.field("x-ratelimit-remaining-requests") == "2")
            #expect(answer.field("x-ratelimit-limit-tokens") == "1000")
            let counted = #"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#
            let request = RawRequest.post("/v1/messages/count_tokens", counted, fields: key)
            let second = try await world.gateway.send(request)
            #expect(second.status == 200 && second.field("anthropic-ratelimit-requests-remaining") == "1")
            #expect(second.field("anthropic-ratelimit-input-tokens-remaining") == "996")
            #expect(second.field("anthropic-ratelimit-output-tokens-remaining") == "10")
        }
    }

    @Test("a model's limits hold for all who ask for it, and say nothing of a model that is not theirs (B11)")
    func models() async throws {
        var limits = LimitSet()
        limits.requestsPerMinute = 1
        let models = [AdmissionSettings.Model("big*", limits)]
        try await LimitWorld.run(
            [Sample.chat.answer(stream: false)],
            settings: { $0.admission.models = models }
        ) { world in
            let (one, two) = (try world.key(), try world.key())
            let bound = try world.key(#""models":["m"]"#)
            try await world.settled()
            #expect(try await world.send(.chat, one, model: "big-1").status == 200)
            let refused = try await world.send(.chat, two, model: "house/big-2")
            #expect(refused.status == 429 && refused.field("retry-after") == "60")
            #expect(refused.bodyText.contains("This model takes no more requests just now."))
            #expect(try await world.send(.chat, two).status == 200)
            #expect(try await world.send(.chat, bound, model: "big-1").status == 404)
            #expect(try await world.send(.chat, bound).status == 200)
        }
    }

    // MARK: The answer's length

    @Test("an answer's length is bounded in the request, where it says more and where it says nothing")
    func clamps() async throws {
        for sample in Sample.allCases {
            try await LimitWorld.run([sample.answer(stream: false)]) { world in
                let key = try world.key(#""max_output_tokens":10"#)
                try world.office.ask("PATCH", "tenants/t", #"{"max_output_tokens":12}"#)
                try await world.settled()
                let name = sample == .responses ? "max_output_tokens" : "max_tokens"
                let asked =
                    sample == .messages ? [("", 10)] : [("", 10), ("\"\(name)\":11,", 10), ("\"\(name)\":7,", 7)]
                for (number, (extra, expected)) in asked.enumerated() {
                    #expect(try await world.send(sample, key, extra: extra).status == 200)
                    let sent = try JSONDocument(await world.upstreams[0].request(number).body).root
                    #expect(sent[name]?.int == expected, "\(sample): \(extra)")
                    #expect(sent.members.filter { $0.key == name }.count == 1)
                }
            }
        }
    }

    @Test("the limits of the model count that is asked, and each bounds its answer beside the caller's")
    func asked() async throws {
        func limits(_ tokens: Int, requests: Int? = nil) -> LimitSet {
            var set = LimitSet()
            (set.maxOutputTokens, set.requestsPerMinute) = (tokens, requests)
            return set
        }
        let models = [
            AdmissionSettings.Model("one", limits(10)), AdmissionSettings.Model("two", limits(5, requests: 1)),
        ]
        let rule = RouteRule(
            "r",
            targets: [.init("house", model: "one")],
            fallbacks: [.init("cloud", model: "two")],
            policy: .quick(retries: 0)
        )
        try await LimitWorld.run(
            [Answer.refusal(.chat, 500)],
            [Sample.chat.answer(stream: false)],
            provider: { $1.limits.breaker.failures = 1 },
            settings: {
                $0.routes = [rule]
                $0.admission.models = models
            }
        ) { world in
            let key = try world.key(#""max_output_tokens":8"#)
            try await world.settled()
            #expect(try await world.send(.chat, key, model: "any").status == 200)
            for (place, expected) in [8, 5].enumerated() {
                let sent = try JSONDocument(await world.upstreams[place].request().body).root
                #expect(sent["max_tokens"]?.int == expected)
            }
            // From now on the first one rests, and the other one is asked first.
            for status in [200, 429] {
                #expect(try await world.send(.chat, key, model: "any").status == status)
            }
            #expect(world.upstreams[0].requests.count == 1)
        }
    }

    @Test("an answer's length is bounded across dialects as well")
    func clampsTranslated() async throws {
        try await LimitWorld.run(
            [Sample.chat.answer(stream: false)],
            provider: { $1.dialect = .chat }
        ) { world in
            let key = try world.key(#""max_output_tokens":10"#)
            try await world.settled()
            #expect(try await world.send(.messages, key).status == 200)
            #expect(try await world.send(.responses, key).status == 200)
            for number in 0..<2 {
                let sent = try JSONDocument(await world.upstreams[0].request(number).body).root
                #expect(sent["max_tokens"]?.int == 10)
            }
        }
    }
}

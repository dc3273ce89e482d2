import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("A same-dialect exchange passes byte for byte")
struct PassthroughTests {
    @Test("a body whose model stays as it is goes up untouched", arguments: Sample.allCases)
    func untouchedBody(_ sample: Sample) async throws {
        let odd = "{ \"model\" :\"m\",\r\n\t\"x-unknown\": [1.50, {\"\\u0061\": null}],"
        let body = odd + sample.body().dropFirst("{\"model\":\"m\",".count)
        try await withGateway(answers: [sample.answer(stream: false)]) { gateway, upstream in
            let answer = try await gateway.send(RawRequest.post(sample.path, body))
            #expect(answer.status == 200)
            #expect(answer.bodyText == sample.whole)
            let request = try await upstream.request()
            #expect(request.bodyText == body)
            #expect(request.target == sample.path)
            #expect(request.field("content-length") == "\(body.utf8.count)")
        }
    }

    @Test("a provider's prefix is taken off the model and nothing else changes", arguments: Sample.allCases)
    func prefixIsTakenOff(_ sample: Sample) async throws {
        try await withGateway(answers: [sample.answer(stream: false)]) { gateway, upstream in
            let answer = try await gateway.send(sample.request(model: #"house/Qwen\/x"#, extra: #""k":"house/m","#))
            #expect(answer.status == 200)
            #expect(try await upstream.request().bodyText == sample.body(model: "Qwen/x", extra: #""k":"house/m","#))
        }
    }

    @Test("a stream's events come down as they went out", arguments: Sample.allCases)
    func streamIsIdentical(_ sample: Sample) async throws {
        try await withGateway(answers: [sample.answer(stream: true)]) { gateway, _ in
            let answer = try await gateway.send(sample.request(stream: true))
            #expect(answer.status == 200)
            #expect(answer.field("content-type") == "text/event-stream")
            #expect(answer.field("transfer-encoding") == "chunked")
            #expect(answer.bodyText == sample.passedEvents().joined())
        }
    }

    @Test("usage is asked for in a Chat or Completions stream that lacks it", arguments: [Sample.chat, .completions])
    func usageIsAskedFor(_ sample: Sample) async throws {
        try await withGateway(answers: [sample.answer(stream: true)]) { gateway, upstream in
            _ = try await gateway.send(sample.request(stream: true))
            let sent = sample.body(stream: true).dropLast() + #","stream_options":{"include_usage":true}}"#
            #expect(try await upstream.request().bodyText == sent)
        }
    }

    @Test("usage that the caller asked for stays in the stream", arguments: [Sample.chat, .completions])
    func wantedUsageStays(_ sample: Sample) async throws {
        let extra = #""stream_options":{"include_usage":true,"other":1},"#
        try await withGateway(answers: [sample.answer(stream: true)]) { gateway, upstream in
            let answer = try await gateway.send(sample.request(stream: true, extra: extra))
            #expect(answer.bodyText == sample.events().joined())
            #expect(try await upstream.request().bodyText == sample.body(stream: true, extra: extra))
        }
    }

    @Test(
        "other stream options survive the edit",
        arguments: [
            (#"{"other":[1]}"#, #"{"other":[1],"include_usage":true}"#),
            (#"{}"#, #"{"include_usage":true}"#),
            (#"null"#, #"{"include_usage":true}"#),
            (#"{"include_usage":false,"a":1}"#, #"{"include_usage":true,"a":1}"#),
        ]
    )
    func otherOptionsSurvive(_ given: String, _ sent: String) async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: true)]) { gateway, upstream in
            let answer = try await gateway.send(
                Sample.chat.request(model: "house/m", stream: true, extra: #""stream_options":\#(given),"#)
            )
            #expect(answer.bodyText == Sample.chat.passedEvents().joined())
            let body = Sample.chat.body(stream: true, extra: #""stream_options":\#(sent),"#)
            #expect(try await upstream.request().bodyText == body)
        }
    }

    @Test("a stream that comes a byte at a time passes whole", arguments: Sample.allCases)
    func byteByByte(_ sample: Sample) async throws {
        let stream = Answer.stream([sample.events().joined()]).map { step -> Step in
            if case .write(let bytes) = step { .pieces(bytes, size: 1) } else { step }
        }
        try await withGateway(answers: [stream]) { gateway, _ in
            let answer = try await gateway.send(sample.request(stream: true))
            #expect(answer.bodyText == sample.passedEvents().joined())
        }
    }

    @Test("a chunk is passed on while the upstream has more to say", arguments: Sample.allCases)
    func chunksAreNotHeld(_ sample: Sample) async throws {
        let gate = Gate()
        let events = sample.passedEvents()
        let steps =
            [Answer.chunkedHead(), Answer.chunk(events[0]), .wait(gate)]
            + sample.events().dropFirst().map(Answer.chunk) + [Answer.lastChunk]
        try await withGateway(answers: [steps]) { gateway, _ in
            let client = try await gateway.connect()
            try await client.send(sample.request(stream: true))
            try await client.state.wait(for: "the first event") { RawAnswer.partOfChunkedBody($0.bytes) == events[0] }
            gate.open()
            #expect(try await client.answer().bodyText == events.joined())
        }
    }

    @Test("a body in chunks goes up with its length", arguments: Sample.allCases)
    func chunkedRequest(_ sample: Sample) async throws {
        let body = sample.body()
        let chunks = body.utf8.map { "1\r\n\(Character(UnicodeScalar($0)))\r\n" }.joined() + "0\r\n\r\n"
        let head = RawRequest.head("POST", sample.path, [("Host", "localhost"), ("Transfer-Encoding", "chunked")])
        try await withGateway(answers: [sample.answer(stream: false)]) { gateway, upstream in
            #expect(try await gateway.send(head + chunks).status == 200)
            let request = try await upstream.request()
            #expect(request.bodyText == body)
            #expect(request.field("transfer-encoding") == nil)
        }
    }

    @Test("a body longer than is held passes through", arguments: [true, false])
    func longBodyPasses(_ hasLength: Bool) async throws {
        let long = #"{"data":""# + String(repeating: "x", count: 100_000) + #""}"#
        let answer = hasLength ? Answer.json(long) : Answer.stream([long], contentType: "application/json")
        try await withGateway(answers: [answer], { $0.limits.heldResponse = 10_000 }) { gateway, _ in
            let answer = try await gateway.send(Sample.chat.request())
            #expect(answer.status == 200)
            #expect(answer.bodyText == long)
            #expect(answer.field("content-length") == (hasLength ? "\(long.utf8.count)" : nil))
        }
    }

    @Test("the query goes up as it came")
    func queryPasses() async throws {
        try await withGateway(answers: [Sample.messages.answer(stream: false)]) { gateway, upstream in
            _ = try await gateway.send(RawRequest.post("/v1/messages?beta=true&x=%2F", Sample.messages.body()))
            #expect(try await upstream.request().target == "/v1/messages?beta=true&x=%2F")
        }
    }

    @Test(
        "embeddings and token counts pass too",
        arguments: [
            (
                "/v1/embeddings", #"{"model":"m","input":["a"]}"#,
                #"{"object":"list","data":[],"usage":{"prompt_tokens":1}}"#
            ),
            ("/v1/messages/count_tokens", #"{"model":"m","messages":[]}"#, #"{"input_tokens":7}"#),
        ]
    )
    func otherRoutes(_ path: String, _ body: String, _ reply: String) async throws {
        try await withGateway(answers: [Answer.json(reply)]) { gateway, upstream in
            let answer = try await gateway.send(RawRequest.post(path, body))
            #expect(answer.bodyText == reply)
            #expect(try await upstream.request().target == path)
            #expect(try await upstream.request().bodyText == body)
        }
    }

    @Test("B19: an image's address is passed on and never fetched")
    func imagesAreNotFetched() async throws {
        let metadata = try await ScriptedUpstream.start(answers: [Answer.json("{}")])
        let image = #"{"type":"image_url","image_url":{"url":"\#(metadata.url)/latest/meta-data/"}}"#
        let body = #"{"model":"m","messages":[{"role":"user","content":[\#(image)]}]}"#
        try await withGateway(answers: [Sample.chat.answer(stream: false)]) { gateway, upstream in
            let answer = try await gateway.send(RawRequest.post("/v1/chat/completions", body))
            #expect(answer.status == 200)
            let request = try await upstream.request()
            #expect(request.bodyText == body)
        }
        #expect(metadata.requests.isEmpty)
        await metadata.shutdown()
    }
}

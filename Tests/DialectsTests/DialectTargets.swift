import Dialects
import Inference
import JSON

/// One check for each reader of the wire, by name; the fuzzer's targets, and a test over their corpus.
enum DialectTargets {
    static let all: [String: @Sendable ([UInt8]) -> Void] = {
        var all: [String: @Sendable ([UInt8]) -> Void] = [:]
        for (name, endpoint) in requests { all["request-\(name)"] = { checkRequest($0, endpoint) } }
        for dialect in Dialect.allCases {
            all["stream-\(dialect.rawValue)"] = { checkAnswer($0, dialect, stream: true) }
            all["body-\(dialect.rawValue)"] = { checkAnswer($0, dialect, stream: false) }
        }
        return all
    }()

    private static let requests: [String: Endpoint] = [
        "chat": .chatCompletions, "responses": .responses, "messages": .messages, "ollama-chat": .ollamaChat,
        "ollama-generate": .ollamaGenerate,
    ]

    // MARK: Requests

    /// What is read can be translated or is refused by name, and what is written is JSON without a doubled name.
    private static func checkRequest(_ bytes: [UInt8], _ endpoint: Endpoint) {
        guard let caller = try? CallerRequest(bytes, endpoint: endpoint) else { return }
        for dialect in Dialect.allCases where dialect != endpoint.dialect {
            do throws(InferenceError) {
                let translation = try Translation(caller, to: dialect, provider: "p", model: "m")
                precondition((try? JSONDocument(translation.wire.body)) != nil, "a request that is not JSON")
            } catch {
                precondition(
                    error.code == .invalidRequest && !error.message.isEmpty,
                    "refused without a reason: \(error)"
                )
            }
        }
    }

    // MARK: Answers

    private static func checkAnswer(_ bytes: [UInt8], _ dialect: Dialect, stream: Bool) {
        let whole = events(of: [bytes], dialect, stream: stream)
        precondition(events(of: bytes.map { [$0] }, dialect, stream: stream) == whole, "chunks change the events")
        for caller in callers where caller.endpoint.dialect != dialect { tell(whole, to: caller, stream: stream) }
        guard let agent, dialect != .responses else { return }
        let told = translated([bytes], dialect, for: agent, stream: stream)
        let pieces = translated(bytes.map { [$0] }, dialect, for: agent, stream: stream)
        precondition(told == pieces, "chunks change what a caller with tools gets")
    }

    /// The events and, at the end, the code of the failure.
    private static func events(of chunks: [[UInt8]], _ dialect: Dialect, stream: Bool) -> Told {
        var decoder = Decoding.decoder(for: dialect, stream: stream, limit: 1 << 20)
        var told = Told()
        do throws(InferenceError) {
            for chunk in chunks { told.events += try decoder.decode(chunk.span.bytes) }
            told.events += try decoder.finish()
            // A failure that was held back for the events before it.
            if !told.isComplete { told.events += try decoder.finish() }
        } catch {
            told.failure = error.code
        }
        return told
    }

    /// What a caller with tools gets, and the code of the failure.
    private static func translated(
        _ chunks: [[UInt8]],
        _ dialect: Dialect,
        for caller: CallerRequest,
        stream: Bool
    ) -> [UInt8] {
        guard let translation = try? Translation(caller, to: dialect, provider: "p", model: "m") else { return [] }
        var answer = translation.answer(requestID: "req_1", createdAt: 1_700_000_000, limit: 1 << 20)
        answer.expect(streamed: stream)
        var told: [UInt8] = []
        do throws(InferenceError) {
            for chunk in chunks { told += try answer.take(chunk.span.bytes) }
            told += try answer.finish()
            if !answer.isComplete { told += try answer.finish() }
        } catch {
            told += Array(error.code.rawValue.utf8)
        }
        return told
    }

    private struct Told: Equatable {
        var events: [InferenceEvent] = []
        var failure: InferenceError.Code?

        var isComplete: Bool { if case .finished = events.last { true } else { false } }
    }

    /// A caller's answer ends as the provider's did, and its lines are JSON.
    private static func tell(_ told: Told, to caller: CallerRequest, stream: Bool) {
        var caller = caller
        caller.request.stream = stream
        let context = AnswerContext(caller: caller, requestID: "req_1", model: "m", createdAt: 1_700_000_000)
        var encoder = context.encoder()
        var output = JSONWriter()
        for event in told.events { encoder.encode(event, into: &output) }
        if told.failure != nil { encoder.fail(InferenceError(.interrupted, "It ended."), into: &output) }
        let text = output.take()
        guard told.failure == nil || stream else { return }
        for line in text.split(separator: 0x0A)
        where line.first == UInt8(ascii: "{") || line.starts(with: "data: {".utf8) {
            let json = line.first == UInt8(ascii: "{") ? Array(line) : Array(line.dropFirst(6))
            precondition(
                (try? JSONDocument(json)) != nil,
                "not JSON for \(caller.endpoint): \(String(decoding: line, as: UTF8.self))"
            )
        }
    }

    /// One with every kind of tool that becomes a function.
    private static let agent = try? CallerRequest(
        Array(
            #"""
            {"model":"m","stream":true,"input":"Hi","tools":[{"type":"function","name":"shell","parameters":{"properties":
            {"command":{"type":"array"}}}},{"type":"custom","name":"apply_patch"},{"type":"local_shell"},{"type":"namespace",
            "name":"n","tools":[{"type":"function","name":"f"}]},{"type":"tool_search","execution":"client"}]}
            """#.utf8
        ),
        endpoint: .responses
    )

    private static let callers: [CallerRequest] = requests.values.map { endpoint in
        CallerRequest(endpoint: endpoint, request: InferenceRequest(model: "m", messages: [Message(.user, "Hi")]))
    }
}

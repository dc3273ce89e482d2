import Inference
import JSON

extension ChatCompletions {
    /// The calls of an answer, put together from their pieces.
    struct CallReading: Sendable {
        private var calls = OpenCalls()
        /// Calls whose name has not come yet.
        private var nameless: [Int: ToolCall] = [:]

        /// Whether the answer holds any call.
        var isEmpty: Bool { calls.isEmpty }

        /// What came of one piece.
        enum Outcome {
            case nothing
            /// A text was added to the open call of a key.
            case appended(JSONView, key: Int)
            case changed
        }

        /// A piece of a call: told apart by its index, by its id where a server leaves the index out.
        mutating func read(
            _ piece: JSONView,
            answerID: String?,
            into events: inout [InferenceEvent]
        ) -> Outcome {
            var (index, id, function, custom): (JSONView?, JSONView?, JSONView?, JSONView?)
            for (key, value) in piece.members where !value.isNull {
                switch key {
                case "index": index = value
                case "id": id = value
                case "function": function = value
                case "custom": custom = value
                default: break
                }
            }
            let kind: ToolCall.Kind = custom?.kind == .object ? .custom : .function
            let named = id?.string.flatMap { $0.isEmpty ? nil : $0 }
            let key = index?.int ?? named.map { calls.key(id: $0) ?? calls.count } ?? calls.lastKey ?? 0
            return read(custom ?? function, kind, id: named, key: key, answerID: answerID, into: &events)
        }

        /// The older `function_call`, of which an answer has one.
        mutating func readFunction(_ piece: JSONView, answerID: String?, into events: inout [InferenceEvent]) {
            _ = read(piece, .function, id: nil, key: 0, answerID: answerID, into: &events)
        }

        private mutating func read(
            _ body: JSONView?,
            _ kind: ToolCall.Kind,
            id: String?,
            key: Int,
            answerID: String?,
            into events: inout [InferenceEvent]
        ) -> Outcome {
            let argument = body?[kind == .custom ? "input" : "arguments"]
            let arguments = argument.map(Self.text) ?? ""
            guard !calls.has(key) else {
                calls.append(key, arguments, into: &events)
                guard let argument, !arguments.isEmpty else { return .nothing }
                return argument.kind == .string ? .appended(argument, key: key) : .changed
            }
            var call = nameless.removeValue(forKey: key) ?? ToolCall(id: "", name: "", kind: kind)
            if let id { call.id = id }
            if let name = body?["name"]?.string { call.name += name }
            call.arguments += arguments
            guard !call.name.isEmpty else {
                nameless[key] = call
                return .changed
            }
            if call.id.isEmpty { call.id = "call_\(answerID ?? "torii")_\(key)" }
            calls.start(key, call, into: &events)
            return .changed
        }

        /// Adds a piece of a call's arguments.
        mutating func append(_ key: Int, _ piece: String, into events: inout [InferenceEvent]) {
            calls.append(key, piece, into: &events)
        }

        /// Ends all calls.
        mutating func finishAll(into events: inout [InferenceEvent]) {
            calls.finishAll(into: &events)
        }

        /// Arguments are a string, but some servers send the object itself.
        private static func text(_ view: JSONView) -> String {
            view.string ?? (view.isNull ? "" : String(decoding: view.raw, as: UTF8.self))
        }
    }

    /// A string with most servers, parts with some; whether it was a string with something in it.
    static func readContent(_ content: JSONView, into events: inout [InferenceEvent]) -> Bool {
        if let text = content.string {
            if !text.isEmpty { events.append(.textDelta(text)) }
            return !text.isEmpty
        }
        for part in content.elements {
            if let text = part["text"]?.string, !text.isEmpty { events.append(.textDelta(text)) }
            for thought in part.list("thinking") {
                if let text = thought["text"]?.string, !text.isEmpty { events.append(.reasoningDelta(text)) }
            }
        }
        return false
    }

    static func readLogprobs(_ view: JSONView, into events: inout [InferenceEvent]) {
        let tokens = view.list("content") + view.list("refusal")
        guard !tokens.isEmpty else { return }
        events.append(
            .logprobs(
                tokens.map { token in
                    TokenLogprob(candidate(token), top: token.list("top_logprobs").map(candidate))
                }
            )
        )
    }

    private static func candidate(_ view: JSONView) -> TokenLogprob.Candidate {
        let bytes = view["bytes"].flatMap { $0.kind == .array ? $0.elements.compactMap { $0.int } : nil }
        return TokenLogprob.Candidate(
            token: view["token"]?.string ?? "",
            logprob: view["logprob"]?.double ?? 0,
            bytes: bytes?.compactMap { UInt8(exactly: $0) }
        )
    }

    static func readAnnotations(_ view: JSONView, into events: inout [InferenceEvent]) {
        for annotation in view.elements {
            guard let citation = annotation["url_citation"], let url = citation["url"]?.string else { continue }
            var range: Range<Int>?
            if let start = citation["start_index"]?.int, let end = citation["end_index"]?.int, 0 <= start, start <= end
            {
                range = start..<end
            }
            events.append(.citation(Citation(.url(url), title: citation["title"]?.string, range: range)))
        }
    }
}

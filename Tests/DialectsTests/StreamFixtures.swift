import Inference
import Testing

/// One stream of one dialect and the events that it means, or the failure that it ends in.
struct StreamFixture: Sendable, CustomTestStringConvertible {
    var title: String
    var dialect: Dialect
    var text: String
    var events: [InferenceEvent]
    var failure: InferenceError.Code?

    var testDescription: String { "\(dialect.rawValue): \(title)" }

    init(
        _ title: String,
        _ dialect: Dialect,
        _ text: String,
        _ events: [InferenceEvent],
        failure: InferenceError.Code? = nil
    ) {
        (self.title, self.dialect, self.text, self.events, self.failure) = (title, dialect, text, events, failure)
    }

    static let all = chat + responses + messages + ollama
}

extension StreamFixture {
    private static let chat: [StreamFixture] = [
        StreamFixture(
            "text, reasoning in both spellings, usage with details, line ends of all kinds",
            .chat,
            """
            \u{FEFF}: welcome\r
            data: {"id":"c1","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}\r
            \r
            data: {"id":"c1","choices":[{"index":0,"delta":{"reasoning_content":"hm"}}]}\r\rdata: {"choices":[{"index":0,"delta":{"reasoning":"m…"}}]}

            data:{"choices":[{"index":0,
            data:"delta":{"content":"déjà 👋🏽 \\"error\\" \\"usage\\""}}]}

            data: {"choices":[{"index":1,"delta":{"content":"another choice"}},{"delta":{"content":"!"},"finish_reason":"stop"}]}

            data: {"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":7,"total_tokens":17,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":2}}}

            data: [DONE]
            """,
            [
                .started(id: "c1", model: "m"), .reasoningDelta("hm"), .reasoningDelta("m…"),
                .textDelta("déjà 👋🏽 \"error\" \"usage\""), .textDelta("!"),
                .usage(Usage(input: 10, cachedInput: 4, output: 7, reasoning: 2)), .finished(.endTurn),
            ]
        ),
        StreamFixture(
            "parallel calls by index, one custom, one whole without an id",
            .chat,
            """
            data: {"id":"c2","model":"m","choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"read","arguments":""}}]}}]}

            data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"p\\":"}},{"index":1,"id":"b","type":"custom","custom":{"name":"patch","input":"*** "}}]}}]}

            data: {"choices":[{"delta":{"tool_calls":[{"index":1,"custom":{"input":"Begin"}},{"index":0,"function":{"arguments":"1}"}}]}}]}

            data: {"choices":[{"delta":{"tool_calls":[{"index":2,"function":{"name":"list","arguments":{"deep":[1]}}}]},"finish_reason":"stop"}]}

            data: [DONE]


            """,
            [
                .started(id: "c2", model: "m"),
                .toolCallStarted(index: 0, ToolCall(id: "a", name: "read")),
                .toolCallArgumentsDelta(index: 0, "{\"p\":"),
                .toolCallStarted(index: 1, ToolCall(id: "b", name: "patch", kind: .custom)),
                .toolCallArgumentsDelta(index: 1, "*** "), .toolCallArgumentsDelta(index: 1, "Begin"),
                .toolCallArgumentsDelta(index: 0, "1}"),
                .toolCallStarted(index: 2, ToolCall(id: "call_c2_2", name: "list")),
                .toolCallArgumentsDelta(index: 2, "{\"deep\":[1]}"),
                .toolCallFinished(index: 0, ToolCall(id: "a", name: "read", arguments: "{\"p\":1}")),
                .toolCallFinished(index: 1, ToolCall(id: "b", name: "patch", kind: .custom, arguments: "*** Begin")),
                .toolCallFinished(index: 2, ToolCall(id: "call_c2_2", name: "list", arguments: "{\"deep\":[1]}")),
                .finished(.toolCalls),
            ]
        ),
        StreamFixture(
            "F7: an error in a good stream",
            .chat,
            """
            data: {"id":"c","model":"m","choices":[{"delta":{"content":"Hel"}}]}

            data: {"error":{"message":"CUDA out of memory. Tried to allocate 2.00 GiB","type":"server_error","code":500}}

            data: [DONE]


            """,
            [.started(id: "c", model: "m"), .textDelta("Hel")],
            failure: .outOfMemory
        ),
        StreamFixture(
            "F2: no terminal event",
            .chat,
            "data: {\"id\":\"c\",\"choices\":[{\"delta\":{\"content\":\"Hel\"},\"finish_reason\":\"stop\"}]}\n\n",
            [.started(id: "c", model: nil), .textDelta("Hel")],
            failure: .interrupted
        ),
        StreamFixture(
            "F2: cut within an event",
            .chat,
            "data: {\"id\":\"c\",\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\ndata: {\"id\":\"c\",\"cho",
            [.started(id: "c", model: nil), .textDelta("Hel")],
            failure: .interrupted
        ),
        StreamFixture(
            "F5: bad JSON",
            .chat,
            "data: {\"id\":\"c\",\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\ndata: {\"id\":\"c\",}\n\ndata: [DONE]\n\n",
            [.started(id: "c", model: nil), .textDelta("Hel")],
            failure: .malformed
        ),
        StreamFixture("F7: an empty stream", .chat, "", [], failure: .interrupted),
        StreamFixture("F7: nothing but comments", .chat, ": ping\n\n: ping\n\n", [], failure: .interrupted),
        StreamFixture("F7: nothing but [DONE]", .chat, "data: [DONE]\n\n", [], failure: .malformed),
    ]

    private static let responses: [StreamFixture] = [
        StreamFixture(
            "reasoning of both kinds, text, a namespaced call, a custom call, pings",
            .responses,
            """
            event: response.created
            data: {"type":"response.created","sequence_number":0,"response":{"id":"r1","model":"m","created_at":1,"status":"in_progress","output":[]}}

            event: response.in_progress
            data: {"type":"response.in_progress","sequence_number":1,"response":{"id":"r1"}}

            event: response.output_item.added
            data: {"type":"response.output_item.added","sequence_number":2,"output_index":0,"item":{"type":"reasoning","id":"rs","summary":[]}}

            event: response.reasoning_summary_text.delta
            data: {"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":1,"delta":"Think"}

            event: response.reasoning_text.delta
            data: {"type":"response.reasoning_text.delta","output_index":0,"content_index":0,"delta":"deep"}

            event: response.output_item.done
            data: {"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"Think"}],"encrypted_content":"ENC"}}

            data: {"type":"ping"}

            event: response.output_item.added
            data: {"type":"response.output_item.added","output_index":1,"item":{"type":"message","id":"ms","role":"assistant","content":[]}}

            event: response.output_text.delta
            data: {"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"Hé"}

            event: response.output_item.done
            data: {"type":"response.output_item.done","output_index":1,"item":{"type":"message","content":[{"type":"output_text","text":"Hé"}]}}

            event: response.output_item.added
            data: {"type":"response.output_item.added","output_index":2,"item":{"type":"function_call","id":"fc","call_id":"a","namespace":"fs","name":"read","arguments":""}}

            event: response.function_call_arguments.delta
            data: {"type":"response.function_call_arguments.delta","output_index":2,"delta":"{}"}

            event: response.output_item.done
            data: {"type":"response.output_item.done","output_index":2,"item":{"type":"function_call","call_id":"a","namespace":"fs","name":"read","arguments":"{}"}}

            event: response.output_item.done
            data: {"type":"response.output_item.done","output_index":3,"item":{"type":"custom_tool_call","call_id":"b","name":"patch","input":"*** "}}

            event: response.completed
            data: {"type":"response.completed","response":{"id":"r1","status":"completed","error":null,"output":[{"type":"reasoning","summary":[]},{"type":"message","content":[{"type":"output_text","text":"Hé"}]}],"usage":{"input_tokens":5,"input_tokens_details":{"cached_tokens":3},"output_tokens":9,"output_tokens_details":{"reasoning_tokens":4},"total_tokens":14}}}

            data: [DONE]


            """,
            [
                .started(id: "r1", model: "m"), .reasoningSummaryDelta("Think", part: 1), .reasoningDelta("deep"),
                .reasoningFinished(id: "rs", signature: nil, encrypted: "ENC"), .textDelta("Hé"),
                .toolCallStarted(index: 0, ToolCall(id: "a", name: "read", namespace: "fs")),
                .toolCallArgumentsDelta(index: 0, "{}"),
                .toolCallFinished(index: 0, ToolCall(id: "a", name: "read", namespace: "fs", arguments: "{}")),
                .toolCallStarted(index: 1, ToolCall(id: "b", name: "patch", kind: .custom)),
                .toolCallArgumentsDelta(index: 1, "*** "),
                .toolCallFinished(index: 1, ToolCall(id: "b", name: "patch", kind: .custom, arguments: "*** ")),
                .usage(Usage(input: 5, cachedInput: 3, output: 9, reasoning: 4)), .finished(.toolCalls),
            ]
        ),
        StreamFixture(
            "all of the output only in the terminal event, which tells of a limit",
            .responses,
            """
            event: message
            data: {"type":"response.incomplete","response":{"id":"r2","model":"m","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[{"type":"message","content":[{"type":"output_text","text":"Half"},{"type":"refusal","refusal":"no"}]}]}}


            """,
            [
                .started(id: "r2", model: "m"), .textDelta("Half"), .refusalDelta("no"), .finished(.maxOutputTokens),
            ]
        ),
        StreamFixture(
            "a failed response",
            .responses,
            """
            event: response.created
            data: {"response":{"id":"r3"}}

            event: response.failed
            data: {"response":{"id":"r3","status":"failed","error":{"code":"context_length_exceeded","message":"Too long."}}}

            data: [DONE]


            """,
            [.started(id: "r3", model: nil)],
            failure: .contextTooLong
        ),
        StreamFixture(
            "an error event",
            .responses,
            "event: error\ndata: {\"type\":\"error\",\"code\":\"rate_limit_exceeded\",\"message\":\"try again in 1.5s\",\"param\":null}\n\n",
            [],
            failure: .rateLimited
        ),
        StreamFixture(
            "F7: an error object without a type",
            .responses,
            "data: {\"error\":{\"message\":\"server busy, please try again.  maximum pending requests exceeded\"}}\n\n",
            [],
            failure: .overloaded
        ),
        StreamFixture(
            "F2: [DONE] without a terminal event",
            .responses,
            "data: {\"type\":\"response.created\",\"response\":{\"id\":\"r4\"}}\n\ndata: [DONE]\n\n",
            [.started(id: "r4", model: nil)],
            failure: .interrupted
        ),
        StreamFixture("F7: an empty stream", .responses, "\n", [], failure: .interrupted),
    ]
}

extension StreamFixture {
    private static let messages: [StreamFixture] = [
        StreamFixture(
            "thinking with its signature, redacted thinking, text, calls with and without arguments",
            .messages,
            """
            event: message_start
            data: {"type":"message_start","message":{"id":"m1","type":"message","model":"m","content":[],"usage":{"input_tokens":3,"cache_read_input_tokens":20,"cache_creation_input_tokens":7,"output_tokens":1}}}

            event: content_block_start
            data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

            event: ping
            data: {"type":"ping"}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"SIG"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":0}

            event: content_block_start
            data: {"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"RED"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":1}

            event: content_block_start
            data: {"type":"content_block_start","index":2,"content_block":{"type":"text","text":""}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"你好"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":2}

            event: content_block_start
            data: {"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"t1","name":"read","input":{}}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\\"p\\":1}"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":3}

            event: content_block_start
            data: {"type":"content_block_start","index":4,"content_block":{"type":"tool_use","id":"t2","name":"list","input":{}}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":4}

            event: message_delta
            data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":4,"output_tokens":30}}

            event: message_stop
            data: {"type":"message_stop"}


            """,
            [
                .started(id: "m1", model: "m"), .reasoningDelta("hm"),
                .reasoningFinished(id: nil, signature: "SIG", encrypted: nil),
                .reasoningFinished(id: nil, signature: nil, encrypted: "RED"), .textDelta("你好"),
                .toolCallStarted(index: 0, ToolCall(id: "t1", name: "read")),
                .toolCallArgumentsDelta(index: 0, "{\"p\":1}"),
                .toolCallFinished(index: 0, ToolCall(id: "t1", name: "read", arguments: "{\"p\":1}")),
                .toolCallStarted(index: 1, ToolCall(id: "t2", name: "list")),
                .toolCallArgumentsDelta(index: 1, "{}"),
                .toolCallFinished(index: 1, ToolCall(id: "t2", name: "list", arguments: "{}")),
                .usage(Usage(input: 31, cachedInput: 20, cacheWrite: 7, output: 30)), .finished(.toolCalls),
            ]
        ),
        StreamFixture(
            "an error event",
            .messages,
            """
            event: message_start
            data: {"type":"message_start","message":{"id":"m2","model":"m"}}

            event: error
            data: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}


            """,
            [.started(id: "m2", model: "m")],
            failure: .overloaded
        ),
        StreamFixture(
            "F2: no message_stop",
            .messages,
            "data: {\"type\":\"message_start\",\"message\":{\"id\":\"m3\",\"model\":\"m\"}}\n\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n",
            [.started(id: "m3", model: "m")],
            failure: .interrupted
        ),
        StreamFixture("F7: an empty stream", .messages, ": \n\n", [], failure: .interrupted),
    ]

    private static let ollama: [StreamFixture] = [
        StreamFixture(
            "thinking, text, whole calls, counts",
            .ollama,
            """
            {"model":"gpt-oss","created_at":"2026-08-01T00:00:01.5Z","message":{"role":"assistant","content":"","thinking":"hm"},"done":false}\r
            {"model":"gpt-oss","created_at":"2026-08-01T00:00:02Z","message":{"role":"assistant","content":"👋🏽"},"done":false}

            {"model":"gpt-oss","message":{"role":"assistant","content":"","tool_calls":[{"id":"x","function":{"index":0,"name":"read","arguments":{"p": 1}}},{"function":{"name":"list","arguments":{}}}]},"done":false}
            {"model":"gpt-oss","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","total_duration":5,"prompt_eval_count":11,"eval_count":22}
            """,
            [
                .started(id: nil, model: "gpt-oss"), .reasoningDelta("hm"), .textDelta("👋🏽"),
                .toolCallStarted(index: 0, ToolCall(id: "x", name: "read")),
                .toolCallArgumentsDelta(index: 0, "{\"p\": 1}"),
                .toolCallFinished(index: 0, ToolCall(id: "x", name: "read", arguments: "{\"p\": 1}")),
                .toolCallStarted(index: 1, ToolCall(id: "call_202608010000015_1", name: "list")),
                .toolCallArgumentsDelta(index: 1, "{}"),
                .toolCallFinished(index: 1, ToolCall(id: "call_202608010000015_1", name: "list", arguments: "{}")),
                .usage(Usage(input: 11, output: 22)), .finished(.toolCalls),
            ]
        ),
        StreamFixture(
            "F7: an error line",
            .ollama,
            "{\"model\":\"m\",\"message\":{\"content\":\"a\"},\"done\":false}\n{\"error\":\"error parsing tool call: raw='{', err=unexpected end\"}\n",
            [.started(id: nil, model: "m"), .textDelta("a")],
            failure: .upstreamFailed
        ),
        StreamFixture(
            "F2: no done line",
            .ollama,
            "{\"model\":\"m\",\"message\":{\"content\":\"a\"},\"done\":false}\n{\"mod",
            [.started(id: nil, model: "m"), .textDelta("a")],
            failure: .interrupted
        ),
        StreamFixture("F5: bad JSON", .ollama, "{\"model\":tru}\n", [], failure: .malformed),
        StreamFixture("F7: an empty stream", .ollama, "\n\r\n", [], failure: .interrupted),
    ]
}

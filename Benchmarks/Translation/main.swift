import Dialects
import Foundation
import Inference
import JSON

// Prints what translation costs: an answer's stream by the chunk, and a large request. A pair that is not served prints why.

/// Only the rows whose name begins with the first argument; all without one.
let wanted = CommandLine.arguments.dropFirst().first ?? ""

func report(_ name: String, per count: Int = 1, _ work: () throws -> Int) {
    guard name.hasPrefix(wanted) else { return }
    let title = name + String(repeating: " ", count: max(0, 52 - name.count))
    do {
        let (best, median) = try timed(rounds: 1500, work)
        print(title + String(format: "%9.2f %9.2f", best / Double(count), median / Double(count)))
    } catch {
        print(title + "  not served: \((error as? InferenceError)?.message ?? "\(error)")")
    }
}

/// A stream of 64 events as OpenAI and vLLM write them, each in a read of its own, as slow tokens come.
func chatStream(isVaried: Bool) -> [[UInt8]] {
    func event(_ delta: String, _ finish: String, _ number: Int) -> [UInt8] {
        let obfuscation =
            isVaried ? #","obfuscation":"\#(String(repeating: "x", count: 3 + number % 7))\#(number)""# : ""
        return Array(
            #"data: {"id":"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG","object":"chat.completion.chunk","created":1741570283,"model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_06737a9306","choices":[{"index":0,"delta":\#(delta),"logprobs":null,"finish_reason":\#(finish)}],"usage":null\#(obfuscation)}\#n\#n"#
                .utf8
        )
    }
    let words = [" proxy", " forwards", " each", "\\n", " request", " \\\"as", " is", ",", " 日本"]
    let texts = (0..<61).map { event(#"{"content":"\#(words[$0 % words.count])"}"#, "null", $0) }
    let usage =
        #"data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":61,"total_tokens":71}}"#
    return [event(#"{"role":"assistant","content":""}"#, "null", 0)] + texts
        + [event("{}", #""stop""#, 62), Array((usage + "\n\ndata: [DONE]\n\n").utf8)]
}

let callers: [(Dialect, Endpoint, String)] = [
    (.chat, .chatCompletions, #"{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}"#),
    (.responses, .responses, #"{"model":"m","stream":true,"input":"hi"}"#),
    (.messages, .messages, #"{"model":"m","stream":true,"max_tokens":9,"messages":[{"role":"user","content":"hi"}]}"#),
    (.ollama, .ollamaChat, #"{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}"#),
]

print("64 chunks from a Chat server                         min µs, median µs, by the chunk")
for isVaried in [false, true] {
    let chunks = chatStream(isVaried: isVaried)
    report("read, \(isVaried ? "each with other padding" : "alike")", per: chunks.count) {
        var decoder = Decoding.decoder(for: .chat, stream: true)
        return try chunks.reduce(0) { try $0 + decoder.decode($1).count }
    }
    for (dialect, endpoint, text) in callers {
        report("told to a caller of \(dialect.rawValue)", per: chunks.count) {
            let caller = try CallerRequest(Array(text.utf8), endpoint: endpoint)
            let translation = try Translation(caller, to: .chat, provider: "p", model: "m")
            var answer = translation.answer(requestID: "r1", createdAt: 1, limit: 1 << 20)
            return try chunks.reduce(0) { try $0 + answer.take($1.span.bytes).count }
        }
    }
}

print("\na request of 98 KB                                   min µs, median µs")
for (dialect, endpoint, _) in callers {
    let body = try Conversation.body(size: 98_000, dialect: dialect)
    report("\(dialect.rawValue): scanned (\(body.count) bytes)") { try JSONIndex(scanning: body).members.count }
    report("\(dialect.rawValue): read") {
        try CallerRequest(body, endpoint: endpoint).request.messages.count
    }
    for provider in Dialect.allCases where provider != dialect {
        report("\(dialect.rawValue) to \(provider.rawValue)") {
            let caller = try CallerRequest(body, endpoint: endpoint)
            return try Translation(caller, to: provider, provider: "p", model: "m").wire.body.count
        }
    }
}

print("\na turn of Codex of 40 KB                              min µs, median µs")
let turn = try CodexTurn.body(size: 40_000)
report("scanned, as where bytes pass (\(turn.count) bytes)") { try JSONIndex(scanning: turn).members.count }
for provider in Dialect.allCases where provider != .responses {
    report("to \(provider.rawValue)") {
        let caller = try CallerRequest(turn, endpoint: .responses)
        return try Translation(caller, to: provider, provider: "p", model: "m").wire.body.count
    }
}

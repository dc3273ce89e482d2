import Foundation

/// Prints how long the JSON target takes over a request, beside Foundation in the same run.
///
/// Arguments: files to measure instead of the made request. Compiled into one module with Sources/JSON.

/// Decodes any value, for a fair comparison with JSONDecoder.
enum AnyValue: Decodable {
    case object([String: AnyValue]), array([AnyValue]), string(String), number(Double), bool(Bool), null

    init(from decoder: any Decoder) throws {
        let single = try decoder.singleValueContainer()
        if let value = try? single.decode([String: AnyValue].self) {
            self = .object(value)
        } else if let value = try? single.decode([AnyValue].self) {
            self = .array(value)
        } else if let value = try? single.decode(String.self) {
            self = .string(value)
        } else if let value = try? single.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? single.decode(Double.self) {
            self = .number(value)
        } else {
            self = .null
        }
    }
}

/// The members that a gateway looks at, as JSONDecoder would read them.
struct Envelope: Decodable {
    var model: String
    var stream: Bool?
}

/// Runs `body` many times and prints the quickest and the median run.
func measure(_ name: String, _ size: Int, rounds: Int, _ body: () throws -> Int) rethrows {
    let (best, median) = try timed(rounds: rounds, body)
    func column(_ value: Double) -> String {
        let text = String(format: value < 100 ? "%.2f" : "%.0f", value)
        return String(repeating: " ", count: max(0, 10 - text.count)) + text
    }
    let title = name + String(repeating: " ", count: max(0, 44 - name.count))
    print(title + column(best) + column(median) + column(Double(size) / median))
}

func run(_ name: String, _ bytes: [UInt8]) throws {
    print("\(name): \(bytes.count) bytes" + "            min µs, median µs, MB/s (median)")
    let size = bytes.count
    let rounds = max(50, min(20_000, 200_000_000 / (size * 20)))
    let document = try JSONDocument(bytes)
    let value = JSONValue(document.root)
    let data = Data(bytes)
    if document.root.kind == .object {
        try measure("strict scan (JSONIndex)", size, rounds: rounds) {
            try JSONIndex(scanning: bytes.span.bytes).members.count
        }
        try measure("strict scan, find and replace the model", size, rounds: rounds) {
            let index = try JSONIndex(scanning: bytes.span.bytes)
            var edits = JSONEdits(index)
            if let model = index.member("model", in: bytes) { edits.replace(model, with: "other") }
            return edits.apply(to: bytes).count
        }
    }
    try measure("document (JSONDocument)", size, rounds: rounds) { try JSONDocument(bytes).root.range.count }
    measure("walk all of a document by views", size, rounds: rounds) { walk(document.root) }
    try measure("values (JSONValue)", size, rounds: rounds) { try JSONValue(parsing: bytes).isNull ? 0 : 1 }
    measure("write (JSONWriter)", size, rounds: rounds) { value.bytes.count }
    let few = max(20, rounds / 20)
    try measure("Foundation: JSONSerialization read", size, rounds: few) {
        try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed) is NSNull ? 0 : 1
    }
    if document.root.kind == .object, document.root["model"] != nil {
        try measure("Foundation: JSONDecoder, two members", size, rounds: few) {
            try JSONDecoder().decode(Envelope.self, from: data).model.utf8.count
        }
    }
    try measure("Foundation: JSONDecoder, all values", size, rounds: max(20, few / 10)) {
        if case .null = try JSONDecoder().decode(AnyValue.self, from: data) { 0 } else { 1 }
    }
    let object = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
    try measure("Foundation: JSONSerialization write", size, rounds: few) {
        try JSONSerialization.data(withJSONObject: object, options: .fragmentsAllowed).count
    }
    print()
}

func walk(_ view: JSONView) -> Int {
    switch view.kind {
    case .object: view.members.reduce(1) { $0 &+ $1.key.utf8.count &+ walk($1.value) }
    case .array: view.elements.reduce(1) { $0 &+ walk($1) }
    case .string: view.string?.utf8.count ?? 0
    case .number: view.double == nil ? 0 : 1
    case .bool, .null: 1
    }
}

let files = CommandLine.arguments.dropFirst()
if files.isEmpty {
    try run("agent request", AgentRequest.bytes(size: 98_000))
    try run(
        "small request",
        Array(
            #"{"model":"gpt-4o-mini","messages":[{"role":"system","content":"You are a helpful assistant that answers briefly."},{"role":"user","content":"Explain in two sentences what a reverse proxy does and why one would put it in front of a model."}],"temperature":0.7,"max_tokens":256}"#
                .utf8
        )
    )
    try run(
        "stream chunk",
        Array(
            #"{"id":"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG","object":"chat.completion.chunk","created":1741570283,"model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_06737a9306","choices":[{"index":0,"delta":{"content":" proxy"},"logprobs":null,"finish_reason":null}],"usage":null}"#
                .utf8
        )
    )
}
for file in files {
    try run(file, [UInt8](try Data(contentsOf: URL(fileURLWithPath: file))))
}

import Dialects
import Inference
import JSON
import NIOCore

/// What is kept of an exchange: one JSON value of the request and one of the answer, masked with one numbering.
///
/// A stream is kept as the texts that it came to, so that nothing that has to be masked hides between two events.
struct CaptureText {
    let request: [UInt8]
    let answer: [UInt8]

    init(_ exchange: CapturedExchange) {
        var mask = TextMask(exchange.rules)
        request = Self.body(exchange.request, &mask)
        let streams = exchange.record.streamed && exchange.record.status < 400
        answer = streams ? Self.stream(exchange, &mask) : Self.body(exchange.answer, &mask)
    }

    /// A body with its strings masked; one that is cut, or no JSON at all, as a JSON string.
    private static func body(_ text: CapturedExchange.Text, _ mask: inout TextMask) -> [UInt8] {
        let bytes = Array(text.bytes.readableBytesView)
        guard !bytes.isEmpty else { return Array("null".utf8) }
        if text.isCut { return string(mask.maskedJSON(bytes, isWhole: false)) }
        guard (try? JSONDocument(bytes)) != nil else { return string(mask.masked(bytes) ?? bytes) }
        let masked = mask.maskedJSON(bytes)
        // A row is one line of an export.
        guard masked.contains(0x0A) || masked.contains(0x0D), let root = try? JSONDocument(masked).root else {
            return masked
        }
        return JSONValue(root).bytes
    }

    private static func string(_ bytes: [UInt8]) -> [UInt8] {
        var writer = JSONWriter(capacity: bytes.count + 64)
        writer.string(String(decoding: bytes, as: UTF8.self))
        return writer.bytes
    }

    /// What a stream came to, as far as it came.
    private static func stream(_ exchange: CapturedExchange, _ mask: inout TextMask) -> [UInt8] {
        let bytes = Array(exchange.answer.bytes.readableBytesView)
        guard let answer = assembled(bytes, exchange.endpoint.dialect) else {
            // Where one body came in the place of a stream.
            return (try? JSONDocument(bytes)) != nil ? body(exchange.answer, &mask) : Array("null".utf8)
        }
        let isWhole = answer.stopReason != nil
        let isAll = isWhole && !exchange.answer.isCut && !hasMore(bytes, exchange.endpoint.dialect)
        func masked(_ text: String, _ mask: inout TextMask) -> String {
            let bytes = Array(text.utf8)
            return mask.maskedText(bytes, isWhole: isWhole).map { String(decoding: $0, as: UTF8.self) } ?? text
        }
        var writer = JSONWriter(capacity: bytes.count)
        writer.object { object in
            object.member("text", masked(answer.text, &mask))
            let thoughts = answer.message.content.compactMap(\.thought).joined(separator: "\n")
            if !thoughts.isEmpty { object.member("reasoning", masked(thoughts, &mask)) }
            let refusals = answer.message.content.compactMap(\.refusedWith).joined(separator: "\n")
            if !refusals.isEmpty { object.member("refusal", masked(refusals, &mask)) }
            if !answer.toolCalls.isEmpty {
                object.key("tool_calls")
                object.array { list in
                    for var call in answer.toolCalls {
                        mask.maskJSON(&call.arguments)
                        list.object { object in
                            object.member("id", call.id)
                            object.member("name", call.name)
                            object.member("arguments", call.arguments)
                        }
                    }
                }
            }
            object.member("complete", isAll)
        }
        return writer.bytes
    }

    /// Whether an event of Chat's has what is not read: a second choice.
    private static func hasMore(_ bytes: [UInt8], _ dialect: Dialect) -> Bool {
        guard dialect == .chat else { return false }
        let field = Array("data:".utf8)
        return bytes.split(separator: UInt8(ascii: "\n")).contains { line in
            // What is no JSON is the end of the stream, or the decoder's to complain of.
            guard line.starts(with: field), let root = try? JSONDocument(Array(line.dropFirst(field.count))).root else {
                return false
            }
            return root["choices"]?.elements.contains { ($0["index"]?.int ?? 0) != 0 } ?? false
        }
    }

    /// Nil where not one event can be read.
    private static func assembled(_ bytes: [UInt8], _ dialect: Dialect) -> InferenceAnswer? {
        var decoder = Decoding.decoder(for: dialect, stream: true, limit: bytes.count + 1)
        var answer = InferenceAnswer()
        var isEmpty = true
        do throws(InferenceError) {
            for event in try decoder.decode(bytes) {
                isEmpty = false
                answer.apply(event)
            }
            for event in try decoder.finish() { answer.apply(event) }
        } catch {
            // What came before the failure is what the client has.
        }
        return isEmpty ? nil : answer
    }
}

extension ContentPart {
    fileprivate var thought: String? {
        guard case .reasoning(let reasoning) = self else { return nil }
        return ([reasoning.text] + reasoning.summary).filter { !$0.isEmpty }.joined(separator: "\n")
    }

    fileprivate var refusedWith: String? { if case .refusal(let text) = self { text } else { nil } }
}

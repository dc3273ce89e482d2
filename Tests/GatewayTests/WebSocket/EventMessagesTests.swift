import NIOCore
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("The messages of an event stream")
struct EventMessagesTests {
    private static let stream = Side.responses.events().joined() + "data: [DONE]\n\n"

    private static func messages(_ text: String, by size: Int) -> (texts: [String], response: EventMessages.Response) {
        var messages = EventMessages()
        var texts: [String] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            let piece = ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)])
            messages.take(piece) { texts.append(String(buffer: $0)) }
        }
        return (texts, messages.response)
    }

    @Test("are the events' data at every cut, without [DONE]", arguments: [1, 2, 7, 64, 1 << 20])
    func cuts(_ size: Int) {
        let (texts, response) = Self.messages(Self.stream, by: size)
        let data = Side.responses.events().map { event in
            String(event.split(separator: "\n").first { $0.hasPrefix("data: ") }?.dropFirst(6) ?? "")
        }
        #expect(texts == data)
        #expect(response.id == "resp_1")
        #expect(response.isWhole && !response.startsAnew)
        #expect(String(buffer: response.output).hasPrefix(#"{"id":"msg_1","type":"message","status":"completed""#))
    }

    @Test("tell a response by their data where the events have no names")
    func unnamed() {
        let text = Self.stream.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("event: ") }.joined(separator: "\n")
        let response = Self.messages(text, by: 1 << 20).response
        #expect(response.id == "resp_1" && response.isWhole)
        #expect(response.output.readableBytes > 0)
    }

    @Test("take the items of the whole response where none was told by itself")
    func itemsAtTheEnd() {
        let item = #"{"type":"message","id":"a"}"#
        let text = #"data: {"type":"response.completed","response":{"id":"r","output":[\#(item),\#(item)]}}"# + "\n\n"
        let response = Self.messages(text, by: 5).response
        #expect(String(buffer: response.output) == "\(item),\(item)")
    }

    @Test("tell a compaction, behind which nothing that came before counts")
    func compaction() {
        let item = #"{"type":"compaction","encrypted_content":"x"}"#
        let text = #"data: {"type":"response.output_item.done","output_index":0,"item":\#(item)}"# + "\n\n"
        #expect(Self.messages(text, by: 1 << 20).response.startsAnew)
    }

    @Test("a response that failed is none to go on from")
    func failed() {
        let text = #"data: {"type":"response.failed","response":{"id":"r","output":[]}}"# + "\n\n"
        let response = Self.messages(text, by: 1 << 20).response
        #expect(!response.isWhole && response.id == nil)
    }
}

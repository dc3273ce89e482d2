import Inference
import Testing

@testable import Dialects

/// One event with its bytes copied.
private struct Seen: Hashable {
    var name: String
    var data: String
    var id: String?
    var retry: Int?

    init(_ name: String, _ data: String, id: String? = nil, retry: Int? = nil) {
        (self.name, self.data, self.id, self.retry) = (name, data, id, retry)
    }

    init(_ event: ServerSentEvent) {
        name = String(decoding: event.name, as: UTF8.self)
        data = String(decoding: event.data, as: UTF8.self)
        id = event.id.map { String(decoding: $0, as: UTF8.self) }
        retry = event.retry
    }
}

private func read(
    _ chunks: [[UInt8]],
    limit: Int = 16 << 20
) throws -> (events: [Seen], forwarded: [UInt8], tail: [UInt8]) {
    var parser = ServerSentEvents(limit: limit)
    var events: [Seen] = []
    var held: [UInt8] = []
    var forwarded: [UInt8] = []
    for chunk in chunks {
        let whole = try chunk.span.bytes.withUnsafeBytes { (bytes) throws(InferenceError) in
            try parser.scan(bytes) { (event) throws(InferenceError) in events.append(Seen(event)) }
        }
        if whole > 0 {
            forwarded += held + chunk[..<whole]
            held = []
        }
        held += chunk[whole...]
        #expect(parser.heldBytes == held.count)
    }
    _ = try parser.finish { (event) throws(InferenceError) in events.append(Seen(event)) }
    return (events, forwarded, held)
}

@Suite("Framing")
struct FramingTests {
    private static let table: [(String, [Seen])] = [
        ("data: one\n\n", [Seen("", "one")]),
        ("data: one\r\n\r\ndata:two\r\rdata:  three\n\n", [Seen("", "one"), Seen("", "two"), Seen("", " three")]),
        ("\u{FEFF}data: mark\n\n", [Seen("", "mark")]),
        ("\u{FEFF}: mark and comment\r\n\r\n: ping\n\ndata: x\n\n", [Seen("", "x")]),
        ("event: delta\ndata: {\"a\":\"déjà 👋🏽\"}\r\n\n", [Seen("delta", "{\"a\":\"déjà 👋🏽\"}")]),
        ("data: a\r\ndata\rdata:b\n\n", [Seen("", "a\n\nb")]),
        ("id: 7\nretry: 1500\nevent:e\ndata:\n\n", [Seen("e", "", id: "7", retry: 1500)]),
        ("retry: soon\nunknown: x\ndatas: y\ndata: z\n\n", [Seen("", "z")]),
        ("\n\n\r\n\r\rdata: late\n\n\n\n", [Seen("", "late")]),
        ("event: nothing\n\ndata: [DONE]", [Seen("", "[DONE]")]),
        ("data: a\n\ndata: b\r\n", [Seen("", "a"), Seen("", "b")]),
        ("data: a\r\n\rdata: b\r\n\r\n", [Seen("", "a"), Seen("", "b")]),
        ("", []),
    ]

    @Test("F5: a stream means the same at every chunking", arguments: 0..<table.count)
    func chunkings(_ row: Int) throws {
        let (text, expected) = Self.table[row]
        let bytes = Array(text.utf8)
        for chunks in Chunkings.all(of: bytes) {
            let result = try read(chunks)
            #expect(result.events == expected)
            #expect(result.forwarded + result.tail == bytes)
        }
    }

    @Test("F11: an event over the limit is refused, however it arrives")
    func limit() throws {
        let fits = Array("data: 0123456789\n\n".utf8)
        for chunks in Chunkings.all(of: fits) { #expect(try read(chunks, limit: fits.count).events.count == 1) }
        for chunks in Chunkings.all(of: fits) {
            #expect(throws: InferenceError.self) { try read(chunks, limit: fits.count - 1) }
        }
        #expect(throws: InferenceError.self) { try read(Array(repeating: Array("data".utf8), count: 9), limit: 32) }
    }

    @Test("F5: newline-delimited lines are the same at every chunking")
    func lines() throws {
        let bytes = Array("\u{FEFF}{\"a\":1}\r\n\n  {\"é\":2} \n{\"last\":\"👋\"}".utf8)
        for chunks in Chunkings.all(of: bytes) {
            var parser = NewlineDelimited()
            var lines: [String] = []
            for chunk in chunks {
                _ = try chunk.span.bytes.withUnsafeBytes { (raw) throws(InferenceError) in
                    try parser.scan(raw) { (line) throws(InferenceError) in
                        lines.append(String(decoding: line, as: UTF8.self))
                    }
                }
            }
            _ = try parser.finish { (line) throws(InferenceError) in lines.append(String(decoding: line, as: UTF8.self))
            }
            #expect(lines == ["{\"a\":1}", "{\"é\":2}", "{\"last\":\"👋\"}"])
        }
    }

    @Test("a word is found wherever it stands, and nothing else is taken for it")
    func words() {
        for length in 0..<40 {
            for place in 0...length {
                let text =
                    String(repeating: "c", count: place) + "compaction" + String(repeating: "n", count: length - place)
                #expect(Array(text.utf8).withUnsafeBytes { ByteScan.holds("compaction", in: $0) })
                let other = text.replacing("compaction", with: "compactiom")
                #expect(!Array(other.utf8).withUnsafeBytes { ByteScan.holds("compaction", in: $0) })
            }
        }
        #expect(![UInt8]().withUnsafeBytes { ByteScan.holds("compaction", in: $0) })
    }
}

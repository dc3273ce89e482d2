import Foundation
import NIOCore
import Testing

@testable import Gateway

@Suite("Frames of a WebSocket")
struct FrameTests {
    /// Reads bytes that come in pieces of these sizes, the last size again and again.
    private static func read(
        _ bytes: [UInt8],
        sizes: [Int] = [.max],
        limit: Int = 1 << 20
    ) throws(FrameFault) -> [FrameReader.Part] {
        var reader = FrameReader(limit: limit)
        var parts: [FrameReader.Part] = []
        var at = 0
        var round = 0
        while at < bytes.count {
            let end = at + min(sizes[min(round, sizes.count - 1)], bytes.count - at)
            reader.append(ByteBuffer(bytes: bytes[at..<end]))
            while let part = try reader.next() { parts.append(part) }
            (at, round) = (end, round + 1)
        }
        return parts
    }

    private static func text(_ text: String) -> FrameReader.Part { .text(ByteBuffer(string: text)) }

    @Test(
        "a message of any length comes whole, whichever way its length is written",
        arguments: [0, 1, 125, 126, 127, 65_535, 65_536, 200_000],
        [[1 << 20], [1, 2, 3, 5_000], [7]]
    )
    func lengths(_ count: Int, _ sizes: [Int]) throws {
        let message = String((0..<count).map { Character(UnicodeScalar(UInt8(0x61 + $0 % 26))) })
        let parts = try Self.read(SentFrame.text(message).bytes, sizes: sizes)
        #expect(parts == [Self.text(message)])
    }

    @Test("random fragments with control frames between them are the same messages at every cut")
    func fuzz() throws {
        var random = RouteDice(seed: 20_260_206)
        for _ in 0..<300 {
            var bytes: [UInt8] = []
            var expected: [FrameReader.Part] = []
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                Self.addMessage(&bytes, &expected, &random)
            }
            let sizes = (0..<8).map { _ in Int.random(in: 1...40, using: &random) }
            #expect(try Self.read(bytes, sizes: sizes) == expected)
        }
    }

    private static func addMessage(
        _ bytes: inout [UInt8],
        _ expected: inout [FrameReader.Part],
        _ random: inout RouteDice
    ) {
        let message = randomText(&random)
        var rest = Array(message.utf8)[...]
        var opcode: UInt8 = 1
        var isFinal = false
        while !isFinal {
            let piece = rest.prefix(Int.random(in: 0...rest.count, using: &random))
            rest = rest.dropFirst(piece.count)
            isFinal = rest.isEmpty && Bool.random(using: &random)
            let mask = UInt32.random(in: .min ... .max, using: &random)
            bytes += SentFrame(opcode: opcode, payload: Array(piece), isFinal: isFinal, mask: mask).bytes
            opcode = 0
            if !isFinal, Int.random(in: 0..<3, using: &random) == 0 {
                bytes += SentFrame(opcode: 9, payload: Array("é?".utf8), mask: mask).bytes
                expected.append(.ping(ByteBuffer(string: "é?")))
            }
        }
        expected.append(text(message))
    }

    private static func randomText(_ random: inout RouteDice) -> String {
        let letters = Array("aé漢😀\"\\ ")
        return String(
            (0..<Int.random(in: 0...60, using: &random)).map { _ in letters.randomElement(using: &random) ?? "a" }
        )
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let name: String
        let frames: [SentFrame]
        let code: UInt16

        init(_ name: String, _ frames: SentFrame..., code: UInt16) {
            self.name = name
            self.frames = frames
            self.code = code
        }

        var testDescription: String { name }
        var bytes: [UInt8] { frames.flatMap(\.bytes) }
    }

    private static let mebibyte = [UInt8](repeating: 0x61, count: 1 << 20)

    static let faults: [Fault] = [
        Fault("no mask", SentFrame(opcode: 1, payload: [0x61], mask: nil), code: 1002),
        Fault("an extension's bit", SentFrame(opcode: 1, payload: [0x61], reserved: 4), code: 1002),
        Fault("a reserved opcode", SentFrame(opcode: 3, payload: []), code: 1002),
        Fault("a reserved control opcode", SentFrame(opcode: 0xB, payload: []), code: 1002),
        Fault("a ping in parts", SentFrame(opcode: 9, payload: [], isFinal: false), code: 1002),
        Fault("a long ping", SentFrame(opcode: 9, payload: [UInt8](repeating: 0x61, count: 126)), code: 1002),
        Fault("nothing to continue", SentFrame(opcode: 0, payload: [0x61]), code: 1002),
        Fault("a message in another", SentFrame(opcode: 1, payload: [0x61], isFinal: false), .text("b"), code: 1002),
        Fault("a length in two bytes", SentFrame(opcode: 1, payload: [0x61], lengthBytes: 2), code: 1002),
        Fault("a length in eight bytes", SentFrame(opcode: 1, payload: [0x61], lengthBytes: 8), code: 1002),
        Fault("a negative length", SentFrame(opcode: 1, payload: [], claims: 1 << 63), code: 1002),
        Fault("a binary message", SentFrame(opcode: 2, payload: [1]), code: 1003),
        Fault("no UTF-8", SentFrame(opcode: 1, payload: [0x22, 0xFF, 0x22]), code: 1007),
        Fault("half a character", SentFrame(opcode: 1, payload: [0xC3]), code: 1007),
        Fault("a surrogate", SentFrame(opcode: 1, payload: [0xED, 0xA0, 0x80]), code: 1007),
        Fault("too long", SentFrame(opcode: 1, payload: [], claims: 1 << 40), code: 1009),
        Fault(
            "too long in parts",
            SentFrame(opcode: 1, payload: mebibyte, isFinal: false),
            SentFrame(opcode: 0, payload: [0x61]),
            code: 1009
        ),
        Fault("half a close code", SentFrame(opcode: 8, payload: [3]), code: 1002),
        Fault("a close code of nobody's", SentFrame(opcode: 8, payload: [3, 0xED]), code: 1002),
        Fault("a reason that is no UTF-8", SentFrame(opcode: 8, payload: [3, 0xE8, 0xFF]), code: 1007),
    ]

    @Test(
        "B2, B3: a frame that must not be ends the reading with its code, at every cut",
        arguments: faults,
        [3, 1 << 20]
    )
    func fault(_ fault: Fault, _ size: Int) {
        let error = #expect(throws: FrameFault.self) { try Self.read(fault.bytes, sizes: [size]) }
        #expect(error?.code.rawValue == fault.code)
        #expect(error?.reason.utf8.count ?? 0 <= 123)
    }

    @Test("the fuzzer's corpus, and each frame of it that ends early or has one other byte, is the same at every cut")
    func corpus() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Fuzz/Corpus/Wire/frames").standardized
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(!files.isEmpty)
        for file in files {
            let bytes = [UInt8](try Data(contentsOf: file))
            FrameTarget.check(bytes)
            for place in bytes.indices.prefix(40) {
                FrameTarget.check(Array(bytes[..<place]))
                var changed = bytes
                changed[place] ^= [0x01, 0x80, 0x0F, 0x7F, 0xFF][place % 5]
                FrameTarget.check(changed)
            }
        }
    }

    @Test("a close frame gives its code, if it has one")
    func close() throws {
        #expect(try Self.read(SentFrame(opcode: 8, payload: []).bytes) == [.close(nil)])
        #expect(try Self.read(SentFrame(opcode: 8, payload: [3, 0xE8] + Array("bye".utf8)).bytes) == [.close(1000)])
    }

    @Test("B3: a message that is only claimed to be long takes no memory")
    func claimed() throws {
        var reader = FrameReader(limit: 32 << 20)
        reader.append(ByteBuffer(bytes: SentFrame(opcode: 1, payload: [0x61], claims: 32 << 20).bytes))
        #expect(try reader.next() == nil)
        #expect(reader.heldBytes == 1)
        #expect(reader.isUnfinished)
    }

    @Test("a frame of the gateway's is read as it was written", arguments: [0, 125, 126, 65_535, 65_536])
    func writer(_ count: Int) throws {
        let text = String(repeating: "x", count: count)
        var writer = FrameWriter()
        var bytes: [UInt8] = []
        writer.text(ByteBuffer(string: text)) { bytes += $0.readableBytesView }
        if let rest = writer.take() { bytes += rest.readableBytesView }
        let cut = try #require(ReceivedFrame.cut(bytes[...]))
        #expect(cut.frame == ReceivedFrame(opcode: 1, isFinal: true, payload: Array(text.utf8)))
        #expect(cut.count == bytes.count)
    }
}

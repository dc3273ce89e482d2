import NIOCore
import Testing

@testable import Gateway

@Suite("What a session remembers")
struct SessionMemoryTests {
    private static func piece(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

    private static func point(_ id: String, _ history: History, preset: Preset? = nil) -> SessionMemory.Point {
        SessionMemory.Point(id: id, history: history, preset: preset)
    }

    @Test("grows by what is said in each turn, and by nothing else")
    func growth() throws {
        var memory = SessionMemory()
        var history = History()
        var storages: Set<UnsafeRawPointer> = []
        let turns = 500
        let text = String(repeating: "x", count: 1_000)
        for turn in 0..<turns {
            history = turn == 0 ? History() : try #require(memory.point("resp_\(turn - 1)")).history
            history.append(input: Self.piece(text), output: Self.piece(text))
            memory.keep(Self.point("resp_\(turn)", history), after: turn == 0 ? nil : "resp_\(turn - 1)")
            #expect(memory.bytes == (turn + 1) * 2_000)
        }
        for piece in history.pieces {
            piece.withUnsafeReadableBytes { if let base = $0.baseAddress { storages.insert(base) } }
        }
        // Every piece of the oldest point that is left is the newest one's own memory.
        let oldest = try #require(memory.point("resp_\(turns - 8)")).history
        for piece in oldest.pieces {
            piece.withUnsafeReadableBytes { bytes in
                #expect(bytes.baseAddress.map(storages.contains) == true)
            }
        }
        #expect(storages.count == 2 * turns)
        #expect(memory.point("resp_\(turns - 9)") == nil)
    }

    @Test("a response that goes on from an earlier one leaves the later ones aside")
    func fork() {
        var memory = SessionMemory()
        var history = History()
        for (id, previous) in [("a", nil), ("b", "a"), ("c", "b")] as [(String, String?)] {
            history.append(input: Self.piece(id), output: ByteBuffer())
            memory.keep(Self.point(id, history), after: previous)
        }
        #expect(memory.bytes == 3)
        memory.keep(Self.point("d", History()), after: "a")
        #expect(memory.point("a") != nil && memory.point("d") != nil)
        #expect(memory.point("b") == nil && memory.point("c") == nil)
        memory.keep(Self.point("e", History()), after: nil)
        #expect(memory.point("a") == nil && memory.point("d") == nil && memory.point("e") != nil)
    }

    @Test("a warm-up's tools and instructions count as well")
    func preset() {
        var memory = SessionMemory()
        let preset = Preset(instructions: Array("\"be brief\"".utf8), tools: Array("[]".utf8))
        memory.keep(Self.point("a", History(), preset: preset), after: nil)
        #expect(memory.bytes == 12)
        #expect(memory.point("a")?.preset?.tools == Array("[]".utf8))
    }
}

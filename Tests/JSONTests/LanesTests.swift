import Testing

@testable import JSON

@Suite("Lanes")
struct LanesTests {
    @Test("vector and word lanes agree on every byte in every place", arguments: 0..<40)
    func agreement(seed: UInt64) {
        var generator = Generator(seed: seed)
        let bytes = SIMD2<UInt64>(generator.next(), generator.next())
        let others = SIMD2<UInt64>(generator.next(), generator.next())
        let (lanes, words) = (Lanes(bytes), WordLanes(bytes))
        for byte in UInt8.min ... .max {
            #expect(lanes.equal(byte).topBits == words.equal(byte).topBits)
            #expect(lanes.atMost(byte).topBits == words.atMost(byte).topBits)
            #expect(lanes.excess(over: byte).equal(0).topBits == words.excess(over: byte).equal(0).topBits)
            #expect(lanes.masked(0xD2).equal(byte).topBits == words.masked(0xD2).equal(byte).topBits)
            let smaller = lanes.minimum(Lanes(others)).equal(byte).topBits
            #expect(smaller == words.minimum(WordLanes(others)).equal(byte).topBits)
        }
        #expect(lanes.topBits == words.topBits)
        #expect(lanes.continuation.topBits == words.continuation.topBits)
        #expect((lanes ^ Lanes(others)).topBits == (words ^ WordLanes(others)).topBits)
        #expect((lanes & Lanes(others)).topBits == (words & WordLanes(others)).topBits)
        #expect((lanes | Lanes(others)).topBits == (words | WordLanes(others)).topBits)
    }

    @Test("each lane is judged by itself")
    func byHand() {
        let bytes: [UInt8] = [
            0x00, 0x1F, 0x20, 0x22, 0x5C, 0x7F, 0x80, 0xBF, 0xC0, 0xC2, 0xE0, 0xF0, 0xFF, 0x61, 0x01, 0x21,
        ]
        let lanes = bytes.withBytes { $0.lanes(at: 0) }
        let checks: [(UInt64, (UInt8) -> Bool)] = [
            (lanes.equal(0x22).topBits, { $0 == 0x22 }), (lanes.atMost(0x1F).topBits, { $0 <= 0x1F }),
            (lanes.topBits, { $0 >= 0x80 }), (lanes.continuation.topBits, { $0 & 0xC0 == 0x80 }),
            (lanes.excess(over: 0xBF).equal(0).topBits, { $0 <= 0xBF }),
        ]
        for (bits, expected) in checks {
            #expect((0..<16).map { bits >> UInt64($0) & 1 == 1 } == bytes.map(expected))
        }
    }
}

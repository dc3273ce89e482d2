@testable import Dialects

/// Ways to cut a text into chunks: whole, byte by byte, at every place, and at random places with a fixed seed.
enum Chunkings {
    static func all(of text: [UInt8], random rounds: Int = 8) -> [[[UInt8]]] {
        var result = [[text], text.map { [$0] }]
        for place in text.indices.dropFirst() { result.append([Array(text[..<place]), Array(text[place...])]) }
        var numbers = SeededNumbers(seed: 7)
        for _ in 0..<rounds { result.append(random(text, &numbers)) }
        return result
    }

    private static func random(_ text: [UInt8], _ numbers: inout SeededNumbers) -> [[UInt8]] {
        var chunks: [[UInt8]] = []
        var rest = text[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...min(40, rest.count), using: &numbers)
            chunks.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return chunks
    }
}

/// The same numbers in every run.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension Sequence<UInt8> {
    /// The bytes with a few of them changed, dropped or doubled.
    func damaged(_ numbers: inout SeededNumbers) -> [UInt8] {
        var bytes = Array(self)
        for _ in 0..<Int.random(in: 1...6, using: &numbers) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &numbers)
            switch Int.random(in: 0..<4, using: &numbers) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &numbers)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(bytes[place], at: place)
            default: bytes.removeSubrange(place..<Swift.min(bytes.count, place + 20))
            }
        }
        return bytes
    }
}

import Synchronization

/// How many output tokens somebody's answers had lately, as a value: counts in classes that each are a quarter of an octave.
///
/// Older answers count less and less: all counts are halved now and then.
struct OutputHistogram: Sendable, Hashable {
    /// Empty until the first answer.
    private var counts: [UInt16] = []
    private(set) var total = 0

    mutating func note(_ tokens: Int) {
        if counts.isEmpty { counts = [UInt16](repeating: 0, count: Self.classes) }
        counts[Self.place(of: min(max(tokens, 1), Self.most))] += 1
        total += 1
        if total >= Self.full { halve() }
    }

    /// A number of tokens that so large a share of the answers did not exceed; nil while too few are known.
    func quantile(_ share: Double) -> Int? {
        guard total >= Self.fewest else { return nil }
        var left = Int((share * Double(total)).rounded(.up))
        for (place, count) in counts.enumerated() {
            left -= Int(count)
            if left <= 0 { return Self.end(of: place) }
        }
        return Self.most
    }

    private mutating func halve() {
        total = 0
        for place in counts.indices {
            counts[place] /= 2
            total += Int(counts[place])
        }
    }

    /// Four classes for each power of two.
    private static func place(of tokens: Int) -> Int {
        let power = Int.bitWidth - 1 - tokens.leadingZeroBitCount
        let quarter = power >= 2 ? tokens >> (power - 2) : tokens << (2 - power)
        return power * 4 + (quarter & 3)
    }

    /// The most that is in a class.
    private static func end(of place: Int) -> Int {
        let (power, quarter) = (place / 4, place % 4 + 4)
        return power >= 2 ? ((quarter + 1) << (power - 2)) - 1 : quarter >> (2 - power)
    }

    /// Answers after which all counts are halved; each count stays far below what it can be.
    static let full = 512
    /// Answers without which nothing is said.
    static let fewest = 20
    private static let most = (1 << 24) - 1
    private static let classes = 24 * 4
}

/// The same for all event loops together.
final class OutputHistory: Sendable {
    private let histogram = Mutex(OutputHistogram())

    /// Notes how many tokens an answer had that came to its end.
    func note(_ tokens: Int) { histogram.withLock { $0.note(tokens) } }

    /// What 19 of 20 of the last answers did not exceed, a fifth more at the most; nil while too few are known.
    var usualMost: Int? { histogram.withLock { $0.quantile(0.95) } }
}

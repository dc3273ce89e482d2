import Testing

@testable import Providers

/// Numbers that are the same in every run.
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct BackoffTests {
    private let backoff = Backoff(range: .milliseconds(250), longest: .seconds(20))

    @Test("a wait is drawn from the whole of a range that doubles and never passes the longest", arguments: 0..<12)
    func fullJitter(_ retry: Int) throws {
        var numbers = SeededNumbers(seed: 7)
        let bound = min(Duration.seconds(20), .milliseconds(250) * (1 << retry))
        var (least, most) = (Duration.seconds(99), Duration.zero)
        for _ in 0..<400 {
            let wait = try #require(backoff.wait(before: retry, using: &numbers))
            #expect(wait >= .zero && wait <= bound)
            (least, most) = (min(least, wait), max(most, wait))
        }
        #expect(least < bound / 20 && most > bound / 20 * 19)
    }

    @Test("F8: what the provider asks for is never undercut, spread a little, and given up on when it is too long")
    func asked() throws {
        var numbers = SeededNumbers(seed: 9)
        for _ in 0..<200 {
            let wait = try #require(backoff.wait(before: 3, asked: 1.5, using: &numbers))
            #expect(wait >= .milliseconds(1500) && wait <= .milliseconds(1750))
        }
        same(backoff.wait(before: 0, asked: 20, using: &numbers), .seconds(20))
        same(backoff.wait(before: 0, asked: 20.001, using: &numbers), nil)
        same(backoff.wait(before: 0, asked: 1e9, using: &numbers), nil)
        let zero = try #require(backoff.wait(before: 0, asked: 0, using: &numbers))
        #expect(zero <= .milliseconds(250))
        let negative = try #require(backoff.wait(before: 0, asked: -5, using: &numbers))
        #expect(negative >= .zero)
    }

    @Test("a number of retries that nobody has does no harm")
    func large() {
        var numbers = SeededNumbers(seed: 1)
        let wait = backoff.wait(before: 1_000_000, using: &numbers)
        #expect(wait.map { $0 <= .seconds(20) } == true)
        same(Backoff(range: .zero, longest: .zero).wait(before: 0, using: &numbers), .zero)
    }
}

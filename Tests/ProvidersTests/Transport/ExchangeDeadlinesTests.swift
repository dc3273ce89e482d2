import NIOCore
import Testing

@testable import Providers

@Suite struct ExchangeDeadlinesTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private let timeouts = Timeouts(
        connect: .seconds(1),
        firstByte: .seconds(2),
        idle: .seconds(3),
        total: .seconds(100)
    )

    private func deadlines() -> ExchangeDeadlines {
        ExchangeDeadlines(timeouts, now: start, slack: .milliseconds(50))
    }

    @Test("F3 F4 each phase has its own deadline, which never passes early")
    func phases() {
        var deadlines = deadlines()
        #expect(deadlines.passed(at: start + .seconds(1)) == nil)
        #expect(deadlines.passed(at: start + .milliseconds(1050)) == .connectTimedOut)
        deadlines.begin(.awaitingHead, now: start + .seconds(1))
        #expect(deadlines.passed(at: start + .seconds(3)) == nil)
        #expect(deadlines.passed(at: start + .milliseconds(3050)) == .firstByteTimedOut)
        deadlines.begin(.reading, now: start + .seconds(3))
        #expect(deadlines.passed(at: start + .seconds(6)) == nil)
        #expect(deadlines.passed(at: start + .milliseconds(6050)) == .idleTimedOut)
    }

    @Test("F13 no idle deadline runs while reading is stopped, but the total one does")
    func paused() {
        var deadlines = deadlines()
        deadlines.begin(.paused, now: start)
        #expect(deadlines.passed(at: start + .seconds(99)) == nil)
        #expect(deadlines.passed(at: start + .seconds(101)) == .totalTimedOut)
    }
}

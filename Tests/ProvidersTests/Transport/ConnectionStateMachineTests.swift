import Testing

@testable import Providers

@Suite struct ConnectionStateMachineTests {
    private func started(reused: Bool = false, flushFails: Bool = false) -> ConnectionStateMachine {
        var machine = ConnectionStateMachine(maximumBodyBytes: 10)
        machine.start(reused: reused)
        machine.didFlush(failed: flushFails)
        return machine
    }

    private func isDelivered(_ delivery: ConnectionStateMachine.Delivery) -> Bool {
        if case .deliver = delivery { true } else { false }
    }

    @Test("an exchange goes from idle to idle")
    func wholeExchange() {
        var machine = started()
        machine.didWrite()
        #expect(machine.didReceiveBytes() == .forward)
        #expect(machine.didCompleteRead() == .nothing)
        #expect(isDelivered(machine.didReceiveHead(status: 200, keepsAlive: true)))
        #expect(machine.didCompleteRead() == .tellResponder)
        #expect(isDelivered(machine.didReceiveBody(count: 10)))
        #expect(isDelivered(machine.didReceiveEnd(leftover: false)))
        #expect(!machine.isIdle)
        #expect(machine.didCompleteRead() == .release)
        #expect(machine.isIdle)
        #expect(machine.didClose() == .nothing)
    }

    @Test(
        "a connection is closed after its exchange unless all is clear",
        arguments: [(false, true, false), (true, false, false), (true, true, true)]
    )
    func notReusable(keepsAlive: Bool, isWritten: Bool, leftover: Bool) {
        var machine = started()
        if isWritten { machine.didWrite() }
        _ = machine.didReceiveHead(status: 200, keepsAlive: keepsAlive)
        _ = machine.didReceiveEnd(leftover: leftover)
        #expect(machine.didCompleteRead() == .close)
    }

    @Test("F25 only a reused connection that sent nothing and heard nothing asks for another")
    func retry() {
        var unsent = started(reused: true, flushFails: true)
        #expect(unsent.didClose() == .retry)
        var fresh = started(reused: false, flushFails: true)
        #expect(fresh.didClose() == .fail(.closedBeforeHead, mayHaveBeenSent: false))
        var sent = started(reused: true)
        #expect(sent.didClose() == .fail(.closedBeforeHead, mayHaveBeenSent: true))
        var heard = started(reused: true, flushFails: true)
        _ = heard.didReceiveBytes()
        #expect(heard.didClose() == .fail(.closedBeforeHead, mayHaveBeenSent: false))
    }

    @Test("F25 what comes while the request is being written for the first time is no answer to it")
    func bytesWhileFlushing() {
        var machine = ConnectionStateMachine(maximumBodyBytes: 10)
        machine.start(reused: true)
        #expect(machine.didReceiveBytes() == .discardAndClose)
        machine.didFlush(failed: true)
        #expect(machine.didClose() == .retry)
    }

    @Test("bytes that belong to no exchange are not forwarded")
    func unsolicited() {
        var idle = ConnectionStateMachine(maximumBodyBytes: 10)
        #expect(idle.didReceiveBytes() == .discardAndClose)
        var whole = started()
        _ = whole.didReceiveHead(status: 200, keepsAlive: true)
        _ = whole.didReceiveEnd(leftover: false)
        #expect(whole.didReceiveBytes() == .discardAndClose)
        var closed = started()
        _ = closed.didClose()
        #expect(closed.didReceiveBytes() == .discardAndClose)
    }

    @Test("a failure has the better reason of the two, and only once")
    func closing() {
        var machine = started()
        _ = machine.didReceiveHead(status: 200, keepsAlive: true)
        #expect(machine.didClose(.notHTTP) == .fail(.notHTTP, mayHaveBeenSent: true))
        #expect(machine.didClose() == .nothing)
    }

    @Test("whatever happens in whatever order, an exchange ends at most once and its connection is used once at a time")
    func anyOrder() {
        var random = SplitMix(state: 25)
        for _ in 0..<5_000 {
            var machine = ConnectionStateMachine(maximumBodyBytes: 100)
            var (ends, isBusy) = (0, false)
            for _ in 0..<12 {
                switch Int.random(in: 0..<8, using: &random) {
                case 0 where machine.isIdle && !isBusy:
                    machine.start(reused: .random(using: &random))
                    machine.didFlush(failed: .random(using: &random))
                    (ends, isBusy) = (0, true)
                case 1: machine.didWrite()
                case 2: _ = machine.didReceiveBytes()
                case 3:
                    _ = machine.didReceiveHead(
                        status: .random(in: 100..<600, using: &random),
                        keepsAlive: .random(using: &random)
                    )
                case 4: _ = machine.didReceiveBody(count: .random(in: 0..<40, using: &random))
                case 5: if isDelivered(machine.didReceiveEnd(leftover: .random(using: &random))) { ends += 1 }
                case 6: if machine.didCompleteRead() == .release { isBusy = false }
                case 7: if machine.didClose() != .nothing { ends += 1 }
                default: break
                }
                guard ends <= 1, !(machine.isIdle && isBusy) else {
                    Issue.record("an exchange ended \(ends) times, or a busy connection is idle: \(machine)")
                    return
                }
            }
        }
    }

    @Test("F11 a body over the limit fails, at the limit it does not")
    func bodyLimit() {
        var machine = started()
        _ = machine.didReceiveHead(status: 200, keepsAlive: true)
        #expect(isDelivered(machine.didReceiveBody(count: 10)))
        guard case .fail(.responseTooLarge) = machine.didReceiveBody(count: 1) else {
            Issue.record("eleven bytes of ten were delivered")
            return
        }
    }
}

/// Numbers that look random and are the same each time.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

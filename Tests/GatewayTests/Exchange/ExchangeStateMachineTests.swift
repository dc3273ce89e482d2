import Testing

@testable import Gateway

@Suite("The states of an exchange")
struct ExchangeStateMachineTests {
    /// One thing that may happen to an exchange.
    enum Event: CaseIterable {
        case requestEnds, upstreamStarts, responseBegins, failure, settle
    }

    private func apply(_ event: Event, to machine: inout ExchangeStateMachine) -> (settled: Bool, began: Bool) {
        switch event {
        case .requestEnds: _ = machine.requestDidEnd()
        case .upstreamStarts: _ = machine.upstreamWillStart()
        case .responseBegins: return (false, machine.responseWillBegin())
        case .failure: _ = machine.failureAction()
        case .settle: return (machine.settle(), false)
        }
        return (false, false)
    }

    @Test("an exchange settles once and begins one response, whatever happens in whatever order")
    func everyOrder() {
        let events = Event.allCases
        let length = 6
        for number in 0..<Int(5 * 5 * 5 * 5 * 5 * 5) {
            var machine = ExchangeStateMachine()
            var (settled, began, rest) = (0, 0, number)
            for _ in 0..<length {
                let result = apply(events[rest % events.count], to: &machine)
                rest /= events.count
                if result.settled { settled += 1 }
                if result.began { began += settled == 0 ? 1 : 2 }
            }
            if machine.settle() { settled += 1 }
            guard settled == 1, began <= 1, machine.isSettled else {
                Issue.record("path \(number): settled \(settled) times, began \(began)")
                return
            }
        }
    }

    @Test("the usual way: received, routed, waited for, relayed, settled")
    func usualWay() {
        var machine = ExchangeStateMachine()
        #expect(machine.isReceiving)
        let ends = [machine.requestDidEnd(), machine.requestDidEnd()]
        #expect(ends == [true, false])
        #expect(!machine.isReceiving)
        let starts = [machine.upstreamWillStart(), machine.upstreamWillStart()]
        #expect(starts == [true, true], "another attempt takes the place of one that failed")
        #expect(machine.failureAction() == .answer)
        let heads = [machine.responseWillBegin(), machine.responseWillBegin()]
        #expect(heads == [true, false])
        #expect(machine.failureAction() == .terminate)
        let again = machine.upstreamWillStart()
        #expect(again && machine.isRelaying)
        let settlements = [machine.settle(), machine.settle()]
        #expect(settlements == [true, false])
        #expect(machine.failureAction() == .nothing)
    }

    @Test("no upstream starts before the request is whole or after the exchange is over")
    func upstreamNeedsRequest() {
        var early = ExchangeStateMachine()
        let tooEarly = early.upstreamWillStart()
        #expect(!tooEarly)
        var late = ExchangeStateMachine()
        let before = [late.requestDidEnd(), late.settle()]
        #expect(before == [true, true])
        let after = [late.upstreamWillStart(), late.responseWillBegin(), late.requestDidEnd()]
        #expect(after == [false, false, false])
    }

    @Test("a refusal while the request still arrives ends its reception")
    func refusalWhileReceiving() {
        var machine = ExchangeStateMachine()
        #expect(machine.failureAction() == .answer)
        let begins = machine.responseWillBegin()
        #expect(begins)
        #expect(!machine.isReceiving)
        let ends = machine.requestDidEnd()
        #expect(!ends)
    }
}

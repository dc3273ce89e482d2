import NIOCore
import Testing

@testable import Providers

@Suite struct OriginStateTests {
    private final class Thing {}
    private typealias State = OriginState<Thing, Thing>

    private let start = NIODeadline.uptimeNanoseconds(1_000)

    private func state(connections: Int = 2, waiting: Int = 10, idle: Int = 2) -> State {
        State(maximumConnections: connections, maximumWaiting: waiting, maximumIdle: idle)
    }

    /// Demands and connects until the connection is busy.
    private func busy(_ state: inout State) throws -> Thing {
        guard case .connect = state.demand(Thing()) else { throw NotWhatItShouldBe() }
        let connection = Thing()
        guard case .serve = state.didConnect(connection, now: start) else { throw NotWhatItShouldBe() }
        return connection
    }

    private struct NotWhatItShouldBe: Error {}

    @Test("the connection that was used last is used first, and others when it is busy")
    func lastInFirstOut() throws {
        var state = state()
        let (first, second) = (try busy(&state), try busy(&state))
        _ = state.didRelease(first, now: start)
        _ = state.didRelease(second, now: start)
        guard case .use(let one, _) = state.demand(Thing()), case .use(let two, _) = state.demand(Thing()) else {
            throw NotWhatItShouldBe()
        }
        #expect(one === second && two === first)
        #expect(state.busy == 2 && state.idle.isEmpty)
    }

    @Test("a spare is opened while something is busy and nothing idle, and only one")
    func spare() throws {
        var state = State(maximumConnections: 3, maximumWaiting: 10, maximumIdle: 2, spare: 1)
        #expect(state.opensSpare() == false)
        let first = try busy(&state)
        #expect(state.opensSpare() == true)
        #expect(state.opensSpare() == false)
        // Whoever comes before it is there waits for it, and so opens none.
        guard case .wait = state.demand(Thing()) else { throw NotWhatItShouldBe() }
        guard case .serve = state.didConnect(Thing(), now: start) else { throw NotWhatItShouldBe() }
        #expect(state.opensSpare() == true)
        guard case .keep = state.didConnect(Thing(), now: start) else { throw NotWhatItShouldBe() }
        guard case .use = state.demand(Thing()) else { throw NotWhatItShouldBe() }
        // Three are the most.
        #expect(state.opensSpare() == false)
        _ = state.didRelease(first, now: start)
        #expect(state.opensSpare() == false)
    }

    @Test("those who wait are served in their order, by what is free first")
    func queue() throws {
        var state = state(connections: 1)
        let connection = try busy(&state)
        let (first, second) = (Thing(), Thing())
        guard case .wait = state.demand(first), case .wait = state.demand(second) else { throw NotWhatItShouldBe() }
        guard case .serve(let served) = state.didRelease(connection, now: start) else { throw NotWhatItShouldBe() }
        #expect(served === first)
        state.withdraw(second)
        guard case .keep = state.didRelease(connection, now: start) else { throw NotWhatItShouldBe() }
    }

    @Test("F25 a retry takes no idle connection and goes to the queue's head")
    func retry() throws {
        var state = state(connections: 3)
        let idle = try busy(&state)
        let stale = try busy(&state)
        _ = state.didRelease(idle, now: start)
        let retried = Thing()
        #expect(state.didCloseBusy() == false)
        guard case .connect = state.demand(retried, fresh: true) else { throw NotWhatItShouldBe() }
        guard case .serve(let served) = state.didConnect(stale, now: start) else { throw NotWhatItShouldBe() }
        #expect(served === retried)
    }

    @Test("F1 each failed connection fails one who waits, and the next may try")
    func failures() throws {
        var state = state(connections: 1)
        let (first, second) = (Thing(), Thing())
        guard case .connect = state.demand(first), case .wait = state.demand(second) else { throw NotWhatItShouldBe() }
        let one = state.didFailToConnect()
        #expect(one.failed === first && one.connect)
        let two = state.didFailToConnect()
        #expect(two.failed === second && !two.connect)
        #expect(state.connecting == 0)
    }

    @Test("a connection that closes makes room for one who waits")
    func room() throws {
        var state = state(connections: 1)
        _ = try busy(&state)
        guard case .wait = state.demand(Thing()) else { throw NotWhatItShouldBe() }
        #expect(state.didCloseBusy() == true)
        #expect(state.connecting == 1 && state.busy == 0)
    }

    @Test("what was idle for too long is taken out, and no more than allowed is kept")
    func expiry() throws {
        var state = state(connections: 4, idle: 2)
        let all = try (0..<3).map { _ in try busy(&state) }
        guard case .keep = state.didRelease(all[0], now: start),
            case .keep = state.didRelease(all[1], now: start + .seconds(5)),
            case .close = state.didRelease(all[2], now: start + .seconds(5))
        else { throw NotWhatItShouldBe() }
        let expired = state.expire(idleSince: start + .seconds(1))
        #expect(expired.count == 1 && expired.first === all[0])
        #expect(state.didCloseIdle(all[1]) == false)
        #expect(state.idle.isEmpty)
    }
}

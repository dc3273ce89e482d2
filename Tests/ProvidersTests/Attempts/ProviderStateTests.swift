import Inference
import NIOCore
import Synchronization
import Testing

@testable import Providers

@Suite struct ProviderStateTests {
    /// What those who wait are told.
    private final class Calls: Sendable {
        private let heard = Mutex<[String: ProviderState.Call]>([:])

        var all: [String: ProviderState.Call] { heard.withLock { $0 } }
        func wake(_ name: String) -> ProviderState.Wake { { call in self.heard.withLock { $0[name] = call } } }
    }

    /// Others were let in beside the probe.
    private struct Probed: Error {}

    private struct Unexpected: Error { let entry: ProviderState.Entry }

    private func limits(_ places: Int?, length: Int = 2) -> ProviderLimits {
        var limits = ProviderLimits()
        limits.concurrency = places
        limits.queue.length = length
        return limits
    }

    private func ticket(_ entry: ProviderState.Entry) throws -> PlaceQueue.Ticket {
        guard case .waits(let ticket) = entry else { throw Unexpected(entry: entry) }
        return ticket
    }

    private let now = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private func fail(_ state: ProviderState, _ credential: Int = 0) {
        let failure = AttemptFailure(InferenceError(.overloaded, "no", upstreamStatus: 503), .told)
        for _ in 0..<5 {
            let pass = state.begin(credential, isRepetition: false, at: now)
            state.end(credential, pass, .failure(failure), limits(nil), at: now)
        }
    }

    // MARK: Places

    @Test("F12: one who lost the place in the queue and leaves before hearing of it gives nothing back")
    func displaced() throws {
        let (state, calls, limits) = (ProviderState(), Calls(), limits(1))
        #expect(state.enter(limits))
        _ = try ticket(state.wait("noisy", limits, wake: calls.wake("first")))
        let second = try ticket(state.wait("noisy", limits, wake: calls.wake("second")))
        _ = try ticket(state.wait("quiet", limits, wake: calls.wake("third")))
        #expect(calls.all == ["second": .displaced])
        state.withdraw(second, limits)
        #expect(state.load(at: now).inFlight == 1 && state.load(at: now).waiting == 2)
        #expect(calls.all == ["second": .displaced], "nobody has left a place")
    }

    @Test("F12: one who was granted a place and leaves before hearing of it gives it to the next one, once")
    func granted() throws {
        let (state, calls, limits) = (ProviderState(), Calls(), limits(1))
        #expect(state.enter(limits))
        let first = try ticket(state.wait("a", limits, wake: calls.wake("first")))
        let second = try ticket(state.wait("b", limits, wake: calls.wake("second")))
        state.leave(limits)
        #expect(calls.all == ["first": .granted])
        state.withdraw(first, limits)
        state.withdraw(first, limits)
        #expect(calls.all == ["first": .granted, "second": .granted])
        #expect(state.load(at: now).inFlight == 1)
        state.claim(second)
        state.withdraw(second, limits)
        #expect(state.load(at: now).inFlight == 1, "what was claimed is given back by leaving")
        state.leave(limits)
        #expect(state.load(at: now).inFlight == 0)
    }

    // MARK: Health

    @Test("F9: of all who come at the end of a rest one alone is sent to find out, on whatever thread they are")
    func oneProbe() async throws {
        for round in 0..<50 {
            let state = ProviderState()
            fail(state)
            let over = now + .seconds(5)
            #expect(state.standing(of: 0, at: over) == .wantsProbe)
            let passes = await withTaskGroup(of: ProviderState.Pass?.self) { group in
                for _ in 0..<8 {
                    group.addTask { state.beginUnlessResting(0, isRepetition: false, at: over) }
                }
                var passes: [ProviderState.Pass] = []
                for await pass in group { if let pass { passes.append(pass) } }
                return passes
            }
            let terms = passes.map(\.terms)
            #expect(terms == [.probe], "round \(round)")
            guard case .resting(_, _, .overloaded) = state.standing(of: 0, at: over) else {
                throw Probed()
            }
            for pass in passes { state.end(0, pass, .success(()), limits(nil), at: over) }
            #expect(state.standing(of: 0, at: over) == .ready)
            #expect(state.beginUnlessResting(0, isRepetition: false, at: over)?.isPlain == true)
        }
    }

    @Test("F8: a credential that rests is seen to, whoever asks, and until it has answered well")
    func seen() throws {
        let state = ProviderState()
        #expect(state.standing(of: 0, at: now) == .ready)
        let refusal = AttemptFailure(InferenceError(.rateLimited, "no", retryAfter: 7, upstreamStatus: 429), .told)
        let pass = state.begin(1, isRepetition: false, at: now)
        state.end(1, pass, .failure(refusal), limits(nil), at: now)
        #expect(state.standing(of: 0, at: now) == .ready)
        #expect(state.standing(of: 1, at: now + .seconds(6)) != .ready)
        #expect(state.beginUnlessResting(1, isRepetition: false, at: now + .seconds(6)) == nil)
        #expect(state.standing(of: 1, at: now + .seconds(7)) == .ready)
        let next = state.begin(1, isRepetition: false, at: now + .seconds(7))
        state.end(1, next, .success(()), limits(nil), at: now + .seconds(8))
        #expect(state.standing(of: 1, at: now) == .ready)
    }

    // MARK: Another configuration

    @Test("F24: what the address before took for its first words is no matter to the one of now")
    func otherTimes() throws {
        let states = ProviderStates()
        let old = try provider("one", keys: ["a"])
        states.adopt([old])
        let state = states.state(of: "one")
        let running = state.begin(0, isRepetition: false, generation: 1, at: now)
        states.adopt([try provider("one", keys: ["b"])], after: [old], generation: 2)
        let late = state.begin(0, isRepetition: false, generation: 1, at: now)
        for _ in 0..<20 {
            state.note(firstToken: .seconds(9), running)
            state.note(firstToken: .seconds(9), late)
        }
        #expect(state.usualFirstToken == nil)
        let own = state.begin(0, isRepetition: false, generation: 2, at: now)
        for _ in 0..<20 { state.note(firstToken: .seconds(1), own) }
        #expect(state.usualFirstToken == .seconds(1))
    }

    private func provider(_ name: String, keys: [String] = [], places: Int? = 1) throws -> Provider {
        let url = try BaseURL("http://127.0.0.1:1")
        var provider = Provider(name: name, baseURL: url, apiKeys: keys.map { Secret($0) })
        provider.limits = limits(places)
        return provider
    }

    @Test("F24: who stays in the configuration keeps breaker, queue and places; who is gone is forgotten")
    func adopts() throws {
        let (states, calls) = (ProviderStates(), Calls())
        let (stays, goes) = (try provider("stays"), try provider("goes"))
        for one in [stays, goes] {
            let state = states.state(of: one.name)
            fail(state)
            #expect(state.enter(one.limits))
            _ = try ticket(state.wait("a", one.limits, wake: calls.wake(one.name)))
        }
        let (kept, old) = (states.state(of: "stays"), states.state(of: "goes"))
        var changed = stays
        changed.timeouts.connect = .seconds(1)
        states.adopt([changed, try provider("comes")], after: [stays, goes])
        #expect(states.state(of: "stays") === kept)
        let load = kept.load(at: now)
        #expect(load.inFlight == 1 && load.waiting == 1 && load.breaker == .open)
        #expect(calls.all.isEmpty)
        #expect(states.state(of: "goes") !== old)
        #expect(states.state(of: "goes").load(at: now) == ProviderLoad())
        // What runs with one that is gone still leaves where it entered.
        old.leave(goes.limits)
        #expect(calls.all == ["goes": .granted])
    }

    @Test("a provider with other keys is as good as new, and keeps what runs with it")
    func otherKeys() throws {
        let states = ProviderStates()
        let old = try provider("one", keys: ["a", "b"])
        let state = states.state(of: "one")
        fail(state, 0)
        #expect(state.enter(old.limits))
        #expect(state.load(at: now, credentials: 2).breaker == .closed, "the other key has not failed")
        #expect(state.load(at: now, credentials: 1).breaker == .open)
        states.adopt([try provider("one", keys: ["c", "b"])], after: [old])
        #expect(state.standing(of: 0, at: now) == .ready)
        #expect(state.load(at: now).inFlight == 1)
    }

    @Test("a limit that has grown lets in who waits", arguments: [3, nil])
    func largerLimit(_ places: Int?) throws {
        let (states, calls) = (ProviderStates(), Calls())
        let old = try provider("one")
        let state = states.state(of: "one")
        #expect(state.enter(old.limits))
        for name in ["a", "b"] { _ = try ticket(state.wait(name, old.limits, wake: calls.wake(name))) }
        states.adopt([try provider("one", places: places)], after: [old])
        #expect(calls.all == ["a": .granted, "b": .granted])
        #expect(state.load(at: now).inFlight == 3 && state.load(at: now).waiting == 0)
    }

    @Test("F24: what leaves with an old limit makes room by the new one, be it larger or smaller")
    func otherLimit() throws {
        let (states, calls) = (ProviderStates(), Calls())
        let one = try provider("one", places: 3)
        states.adopt([one])
        let state = states.state(of: "one")
        for _ in 0..<3 { #expect(state.enter(one.limits)) }
        for name in ["a", "b"] { _ = try ticket(state.wait(name, one.limits, wake: calls.wake(name))) }
        states.adopt([try provider("one", places: 1)], after: [one])
        for _ in 0..<2 { state.leave(one.limits) }
        #expect(calls.all.isEmpty, "there is one place, and it is taken")
        state.leave(one.limits)
        #expect(calls.all == ["a": .granted] && state.load(at: now).inFlight == 1)
        #expect(!state.enter(one.limits), "an old limit is none any more")
        states.adopt([try provider("one", places: 2)], after: [one])
        #expect(calls.all.count == 2 && state.load(at: now).inFlight == 2)
        state.leave(limits(1))
        #expect(state.enter(limits(1)), "no place is lost")
    }

    @Test("F24: what goes to the address before says nothing of the one of now, and has no credential there")
    func otherAddress() throws {
        let states = ProviderStates()
        let old = try provider("one", keys: ["a", "b"])
        states.adopt([old])
        let state = states.state(of: "one")
        let failure = AttemptFailure(InferenceError(.overloaded, "no", upstreamStatus: 503), .told)
        let running = (0..<5).map { _ in state.begin(1, isRepetition: false, generation: 1, at: now) }
        states.adopt([try provider("one", keys: ["c"])], after: [old], generation: 2)
        for pass in running { state.end(1, pass, .failure(failure), limits(nil), at: now) }
        for _ in 0..<5 {
            let late = state.begin(0, isRepetition: false, generation: 1, at: now)
            state.end(0, late, .failure(failure), limits(nil), at: now)
        }
        #expect(state.standing(of: 0, at: now) == .ready)
        #expect(state.load(at: now).credentials.map(\.breaker) == [.closed])
        fail(state)
        #expect(state.load(at: now).breaker == .open, "its own failures count")
    }
}

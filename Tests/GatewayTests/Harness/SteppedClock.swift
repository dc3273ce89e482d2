import NIOCore
import NIOPosix
import Providers
import Synchronization

/// A gateway's time, which stands still until the test moves it.
///
/// What is due is done on its own event loop, in the order of its time; between two moves nothing is ever late, however
/// busy the machine is.
final class SteppedClock: LoopClock {
    /// What is to be done, as it stands beside its time.
    ///
    /// `@unchecked Sendable`: the closure is confined to the event loop that it was put off on; the clock, which several
    /// threads reach, hands it back to that loop and never calls it elsewhere.
    private struct Work: @unchecked Sendable {
        let body: () -> Void
    }

    private struct Due: Sendable {
        let number: Int
        let due: NIODeadline
        let loop: any EventLoop
        let work: Work
        let promise: EventLoopPromise<Void>
    }

    private struct State {
        var now = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
        var tasks: [Due] = []
        var number = 0

        /// The place of what is due first, if it is due until then.
        func next(until end: NIODeadline) -> Int? {
            let first = tasks.indices.min { left, right in
                (tasks[left].due, tasks[left].number) < (tasks[right].due, tasks[right].number)
            }
            return first.flatMap { tasks[$0].due <= end ? $0 : nil }
        }
    }

    private let state = Mutex(State())

    deinit {
        for task in state.withLock({ $0.tasks }) { task.promise.fail(ChannelError.eof) }
    }

    var now: NIODeadline { state.withLock { $0.now } }

    func schedule(in time: TimeAmount, on eventLoop: any EventLoop, _ body: @escaping () -> Void) -> Scheduled<Void> {
        let promise = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Void.self)
        let work = Work(body: body)
        let number = state.withLock { state in
            state.number += 1
            state.tasks.append(
                Due(number: state.number, due: state.now + time, loop: eventLoop, work: work, promise: promise)
            )
            return state.number
        }
        return Scheduled(promise: promise) { [weak self] in
            self?.state.withLock { state in state.tasks.removeAll { $0.number == number } }
        }
    }

    /// Lets so much time pass, and has everything done that is due in it.
    func advance(by time: Duration) async throws {
        let end = state.withLock { $0.now + TimeAmount(time) }
        while let loop = nextLoop(until: end) {
            try await loop.submit { [self] in
                while let due = take(until: end, on: loop) {
                    due.work.body()
                    due.promise.succeed()
                }
            }.get()
        }
    }

    /// Lets so much time pass, from wherever that is said; what falls due in it is done late, by the next `advance`.
    func leap(_ time: Duration) { state.withLock { $0.now = $0.now + TimeAmount(time) } }

    /// Lets time pass in steps until a client has heard a text.
    func advance(by step: Duration, untilThereIs text: String, at client: RawClient) async throws {
        try await advance(by: step, until: text) { String(decoding: client.received, as: UTF8.self).contains(text) }
    }

    /// Lets time pass in steps until something has come of it.
    func advance(by step: Duration, until what: String, _ ask: () async throws -> Bool) async throws {
        _ = try await eventually(what) { () -> Bool? in
            if try await ask() { return true }
            try await advance(by: step)
            return nil
        }
    }

    /// Waits until something is put off for so long, counted from now.
    func waits(for time: Duration) async throws {
        _ = try await eventually("a wait of \(time)") { () -> Bool? in
            let isThere = state.withLock { state in
                state.tasks.contains { $0.due == state.now + TimeAmount(time) }
            }
            return isThere ? true : nil
        }
    }

    /// Where the next thing is due until then; nil when there is none, and it is then.
    private func nextLoop(until end: NIODeadline) -> (any EventLoop)? {
        state.withLock { state in
            if let next = state.next(until: end) { return state.tasks[next].loop }
            state.now = max(state.now, end)
            return nil
        }
    }

    /// Takes what is due next, at whose time it is now; nil where that is for another loop.
    private func take(until end: NIODeadline, on loop: any EventLoop) -> Due? {
        state.withLock { state in
            guard let next = state.next(until: end), state.tasks[next].loop === loop else { return nil }
            state.now = max(state.now, state.tasks[next].due)
            return state.tasks.remove(at: next)
        }
    }
}

import NIOCore
import Providers
import Synchronization

/// What somebody on an event loop waits for from the store's thread, but no longer than the store's patience.
final class StoreAnswer<Value: Sendable>: Sendable {
    private let promise: EventLoopPromise<Value>
    private let clock: any LoopClock
    private let deadline: NIODeadline
    private let isOver = Atomic(false)

    init(on loop: any EventLoop, patience: TimeAmount, by clock: any LoopClock) {
        promise = loop.makePromise(of: Value.self)
        self.clock = clock
        deadline = clock.now + patience
        if loop.inEventLoop { wait(patience, on: loop) } else { loop.execute { self.wait(patience, on: loop) } }
    }

    private func wait(_ patience: TimeAmount, on loop: any EventLoop) {
        let timeout = clock.schedule(in: patience, on: loop) { self.complete(.failure(.unavailable)) }
        promise.futureResult.whenComplete { _ in timeout.cancel() }
    }

    var future: EventLoopFuture<Value> { promise.futureResult }

    /// Whether nobody waits any more.
    var isLate: Bool { deadline <= clock.now }

    /// Gives the answer; the first one counts.
    func complete(_ result: Result<Value, StoreError>) {
        guard !isOver.exchange(true, ordering: .relaxed) else { return }
        promise.completeWith(result.mapError { $0 as any Error })
    }
}

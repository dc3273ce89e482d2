package import NIOCore

/// The time that event loops measure and wait by; a test has one that it moves by hand.
package protocol LoopClock: Sendable {
    /// The time as it is now; never goes back.
    var now: NIODeadline { get }

    /// Has something done after so much time, on the event loop that this is called on.
    func schedule(
        in time: TimeAmount,
        on eventLoop: any EventLoop,
        _ task: @escaping () -> Void
    ) -> Scheduled<Void>
}

/// The machine's own time.
package struct MachineClock: LoopClock {
    package init() {}

    package var now: NIODeadline { .now() }

    package func schedule(
        in time: TimeAmount,
        on eventLoop: any EventLoop,
        _ task: @escaping () -> Void
    ) -> Scheduled<Void> {
        eventLoop.assumeIsolated().scheduleTask(in: time, task)
    }
}

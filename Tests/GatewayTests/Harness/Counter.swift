import Synchronization

/// Numbers what a scripted upstream is asked, from 1 on.
final class Counter: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}

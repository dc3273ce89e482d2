import Synchronization

/// How many administrative requests are at the store at a time, so that whoever asks for much does not put off what
/// others change.
final class StoreTurns: Sendable {
    private let running = Mutex<[String: Int]>([:])

    /// Takes a turn for an actor of this name, which `end` gives back; false where there is none.
    func begin(_ actor: String) -> Bool {
        running.withLock { running in
            let own = running[actor, default: 0]
            guard own < Self.mostOfOne, running.values.reduce(0, +) < Self.most else { return false }
            running[actor] = own + 1
            return true
        }
    }

    func end(_ actor: String) {
        running.withLock { running in
            let left = running[actor, default: 0] - 1
            running[actor] = left > 0 ? left : nil
        }
    }

    static let most = 32
    static let mostOfOne = 8
}

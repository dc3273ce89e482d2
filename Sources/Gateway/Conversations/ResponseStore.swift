import Inference
import NIOCore
import Synchronization

/// Keeps finished Responses conversations in memory, so that `previous_response_id` works with providers that keep none.
///
/// A conversation is found again only by its id and its owner. What was not used for longest goes first when there are
/// too many, or too many bytes; nothing outlives its age or the process.
final class ResponseStore: Sendable {
    struct Limits: Sendable {
        var count = 1_000
        var bytes = 64 << 20
        var age = TimeAmount.hours(1)
    }

    /// What was said up to the end of a response.
    struct Conversation: Sendable {
        /// Without the instructions, which each request gives anew.
        var messages: [Message]
        /// About how much memory it takes.
        var bytes: Int
    }

    fileprivate struct Key: Hashable {
        let id: String
        let owner: ClientIdentity
    }

    fileprivate struct Entry {
        var conversation: Conversation
        let keptAt: NIODeadline
        /// The number of its last use; an older number in `uses` means nothing any more.
        var use: UInt64
    }

    fileprivate struct State {
        var entries: [Key: Entry] = [:]
        var bytes = 0
        /// Every use in its order, so that the front is what was not used for longest.
        var uses = CircularBuffer<(key: Key, use: UInt64)>()
        var lastUse: UInt64 = 0
    }

    private let limits: Limits
    private let now: @Sendable () -> NIODeadline
    private let state = Mutex(State())

    init(limits: Limits = Limits(), now: @escaping @Sendable () -> NIODeadline = { .now() }) {
        self.limits = limits
        self.now = now
    }

    /// The conversation that a response ended; nil if it is not kept, or is somebody else's.
    func conversation(_ id: String, of owner: ClientIdentity) -> Conversation? {
        let key = Key(id: id, owner: owner)
        let oldest = now() - limits.age
        return state.withLock { (state) -> Conversation? in
            guard let entry = state.entries[key] else { return nil }
            guard entry.keptAt >= oldest else {
                state.remove(key)
                return nil
            }
            state.use(key)
            return entry.conversation
        }
    }

    /// Keeps a conversation under the id of the response that ended it.
    func keep(_ conversation: Conversation, as id: String, for owner: ClientIdentity) {
        guard conversation.bytes <= limits.bytes else { return }
        let key = Key(id: id, owner: owner)
        let now = now()
        state.withLock { state in
            state.remove(key)
            state.entries[key] = Entry(conversation: conversation, keptAt: now, use: 0)
            state.bytes += conversation.bytes
            state.use(key)
            while state.entries.count > limits.count || state.bytes > limits.bytes { state.removeOldest() }
        }
    }

    /// How many are kept, and about how many bytes they take.
    var size: (count: Int, bytes: Int) { state.withLock { ($0.entries.count, $0.bytes) } }
}

extension ResponseStore.State {
    fileprivate mutating func use(_ key: ResponseStore.Key) {
        lastUse += 1
        entries[key]?.use = lastUse
        uses.append((key, lastUse))
        guard uses.count > 2 * entries.count + 64 else { return }
        uses = CircularBuffer(uses.filter { entries[$0.key]?.use == $0.use })
    }

    fileprivate mutating func remove(_ key: ResponseStore.Key) {
        guard let entry = entries.removeValue(forKey: key) else { return }
        bytes -= entry.conversation.bytes
    }

    fileprivate mutating func removeOldest() {
        while let oldest = uses.popFirst() {
            guard entries[oldest.key]?.use == oldest.use else { continue }
            return remove(oldest.key)
        }
    }
}

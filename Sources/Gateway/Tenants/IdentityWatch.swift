import Logging
import NIOCore
import NIOPosix
import Providers
import Synchronization

/// Brings what changed in the store to the event loops: at once what this gateway changed itself, and within half a second
/// what another process did, such as the command line (T10).
struct IdentityWatch: Sendable {
    let store: IdentityStore
    let loops: [NIOLoopBound<LoopContext>]
    let shared: SharedContext
    let logger: Logger
    let turns = StoreTurns()
    private let debt = IdentityDebt()

    /// Looks at the store until it is cancelled, and writes down now and then which keys were used.
    func run() async {
        var seen: Int?
        var rounds = 0
        var isBroken = false
        repeat {
            do {
                let version = try await Self.inFront { [store] in try store.dataVersion() }
                if version != seen || debt.isOwed.load(ordering: .sequentiallyConsistent) { try await refresh() }
                seen = version
                shared.storeHealth.didRead()
                rounds += 1
                if rounds.isMultiple(of: Self.roundsToNote) { try await noteUses() }
                isBroken = false
            } catch {
                // What is known stays in force for a day: a store that is gone neither lets in nor shuts out.
                shared.storeHealth.didFail(at: shared.clock.now)
                if !isBroken, !Task.isCancelled { logger.error("the identities cannot be read: \(error)") }
                (seen, isBroken) = (nil, true)
            }
        } while (try? await Task.sleep(for: Self.interval)) != nil  // Only cancellation throws.
        // Nobody else waits any more; a task that is cancelled gets no other thread.
        do { try store.noteUses(of: used()) } catch { logger.warning("the use of keys could not be noted: \(error)") }
    }

    /// Says, right behind a change of this gateway's own, that it is not in force yet.
    ///
    /// The store's version does not tell: it is that of changes which others made.
    func noteChange() { debt.isOwed.store(true, ordering: .sequentiallyConsistent) }

    /// Puts what the store holds now into use everywhere, if it is newer.
    func refresh() async throws {
        // Before the store is read: a change behind it is noted anew.
        debt.isOwed.store(false, ordering: .sequentiallyConsistent)
        do { try await adoptNewest() } catch {
            noteChange()
            throw error
        }
    }

    private func adoptNewest() async throws {
        // One after the other: each goes on from what the one before it counts.
        let next = try await Self.inFront { [store, shared] in
            try store.inTurn { () -> IdentitySnapshot? in
                let next = try store.snapshot(after: shared.identities)
                return shared.adopt(next) ? next : nil
            }
        }
        guard let next else { return }
        let adoptions = loops.map { loop in loop.eventLoop.submit { loop.value.adopt(next) } }
        for adoption in adoptions {
            // A loop that is gone takes no more requests.
            _ = try? await adoption.get()
        }
    }

    private func noteUses() async throws {
        let used = used()
        guard !used.isEmpty else { return }
        try await Self.blocking { [store] in try store.noteUses(of: used) }
    }

    private func used() -> [String] { shared.identities.keys.values.filter { $0.use.take() }.map(\.id) }

    /// Runs what blocks on a thread that may.
    static func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await NIOThreadPool.singleton.runIfActive(body)
    }

    /// The same on a thread of its own, so that what is asked of the store does not put off what is in force.
    private static func inFront<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await thread.runIfActive(body)
    }

    /// It runs as long as the process.
    private static let thread: NIOThreadPool = {
        let thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
        return thread
    }()

    private static let interval = Duration.milliseconds(250)
    private static let roundsToNote = 40
}

/// Whether this gateway has changed something that is not in force yet.
private final class IdentityDebt: Sendable {
    let isOwed = Atomic<Bool>(false)
}

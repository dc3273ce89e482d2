import Logging
import NIOCore
import NIOPosix

/// Brings what changed in the store to the event loops: at once what this gateway changed itself, and within half a second
/// what another process did, such as the command line (T10).
struct IdentityWatch: Sendable {
    let store: IdentityStore
    let loops: [NIOLoopBound<LoopContext>]
    let shared: SharedContext
    let logger: Logger

    /// Looks at the store until it is cancelled, and writes down now and then which keys were used.
    func run() async {
        var seen: Int?
        var rounds = 0
        var isBroken = false
        repeat {
            do {
                let version = try await Self.blocking { [store] in try store.dataVersion() }
                if version != seen { try await refresh() }
                seen = version
                rounds += 1
                if rounds.isMultiple(of: Self.roundsToNote) { try await noteUses() }
                isBroken = false
            } catch {
                // What is known stays in force: a store that is gone neither lets in nor shuts out.
                if !isBroken, !Task.isCancelled { logger.error("the identities cannot be read: \(error)") }
                (seen, isBroken) = (nil, true)
            }
        } while (try? await Task.sleep(for: Self.interval)) != nil  // Only cancellation throws.
        // Nobody else waits any more; a task that is cancelled gets no other thread.
        do { try store.noteUses(of: used()) } catch { logger.warning("the use of keys could not be noted: \(error)") }
    }

    /// Puts what the store holds now into use everywhere, if it is newer.
    func refresh() async throws {
        let last = shared.identities
        let next = try await Self.blocking { [store] in try store.snapshot(after: last) }
        guard shared.adopt(next) else { return }
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

    private static let interval = Duration.milliseconds(250)
    private static let roundsToNote = 40
}

import Inference
import UnixSignals

/// Lets Ctrl-C cancel the work and with it the upstream, instead of ending the process in its midst.
enum Interruption {
    /// Runs `work`, which is cancelled by SIGINT; it is waited for either way.
    static func run<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let signals = await UnixSignalsSequence(trapping: .sigint)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                for await _ in signals { return nil }
                return nil
            }
            // The first to end is the work, or else the signal, which leaves the work to end by its cancellation.
            let first = try await group.next() ?? nil
            group.cancelAll()
            guard let first else {
                while try await group.next() != nil {}
                throw Exit(.interrupted)
            }
            return first
        }
    }
}

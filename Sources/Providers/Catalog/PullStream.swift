import Dialects
package import Inference
import JSON
import NIOCore

/// How far Ollama is with fetching a model.
package struct PullProgress: Sendable, Hashable {
    /// Ollama's own words: `pulling manifest`, `pulling 6a0746a1ec1a`, `verifying sha256 digest`, `success`.
    package var status: String
    /// Which file, where the status is about one.
    package var digest: String?
    /// Bytes of this file, and how many of them are there.
    package var total: Int?
    package var completed: Int?

    package init(status: String, digest: String? = nil, total: Int? = nil, completed: Int? = nil) {
        self.status = status
        self.digest = digest
        self.total = total
        self.completed = completed
    }
}

/// The progress of one pull; for one reader, once.
///
/// It ends well only after `success`. Dropping it stops the pull; Ollama goes on from there next time.
package struct PullStream: AsyncSequence, Sendable {
    package struct AsyncIterator: AsyncIteratorProtocol {
        package typealias Failure = InferenceError

        fileprivate var body: UpstreamBody.AsyncIterator?
        fileprivate let provider: String
        fileprivate var lines = NewlineDelimited(limit: 1 << 20)
        fileprivate var pending: ArraySlice<PullProgress> = []
        fileprivate var failure: InferenceError?
        fileprivate var isDone = false

        /// - Throws: `modelNotFound` and its kin in Ollama's words; `interrupted` if it ended without `success`.
        package mutating func next() async throws(InferenceError) -> PullProgress? {
            while pending.isEmpty, failure == nil, body != nil { try await read() }
            if let progress = pending.popFirst() { return progress }
            if let failure { throw failure }
            return nil
        }

        private mutating func read() async throws(InferenceError) {
            do throws(TransportFailure) {
                guard let bytes = try await body?.next() else { return finish() }
                take(bytes)
            } catch {
                body = nil
                throw InferenceError(error, provider: provider)
            }
        }

        private mutating func take(_ bytes: ByteBuffer) {
            var found: [PullProgress] = []
            do throws(InferenceError) {
                try bytes.withUnsafeReadableBytes { (chunk) throws(InferenceError) in
                    _ = try lines.scan(chunk) { (line) throws(InferenceError) in found.append(try Self.read(line)) }
                }
            } catch {
                (failure, body) = (error, nil)
            }
            isDone = isDone || found.last?.status == "success"
            pending = found[...]
        }

        private mutating func finish() {
            body = nil
            guard !isDone else { return }
            let message = "Provider \(provider) broke off the pull before it was done; pull again to go on."
            failure = InferenceError(.interrupted, message)
        }

        private static func read(_ line: UnsafeRawBufferPointer) throws(InferenceError) -> PullProgress {
            guard let view = try? JSONDocument(Array(line)).root else {
                throw InferenceError(.malformed, "A line of the pull's progress is not valid JSON.")
            }
            if view["error"] != nil { throw ErrorClassification.inBody(view, dialect: .ollama) }
            return PullProgress(
                status: view["status"]?.string ?? "",
                digest: view["digest"]?.string,
                total: view["total"]?.int,
                completed: view["completed"]?.int
            )
        }
    }

    let body: UpstreamBody
    let provider: String

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(body: body.makeAsyncIterator(), provider: provider)
    }
}

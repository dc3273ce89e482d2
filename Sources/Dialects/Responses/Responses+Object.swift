import Inference
import JSON

extension Responses {
    /// The response object, as far as it is the same in all events that hold it.
    struct ResponseObject: Sendable {
        /// How the response stands.
        enum Status: Sendable {
            case inProgress
            /// `at` in seconds since 1970.
            case completed(at: Int)
            case incomplete(reason: String)
            case failed(code: String, message: String)

            var word: String {
                switch self {
                case .inProgress: "in_progress"
                case .completed: "completed"
                case .incomplete: "incomplete"
                case .failed: "failed"
                }
            }
        }

        let id: String
        let model: String
        let createdAt: Int
        /// Members that repeat the request, as they are written.
        private let repeated: [UInt8]

        /// For an answer to `caller`.
        init(id: String, model: String, createdAt: Int, caller: CallerRequest) {
            self.id = id
            self.model = model
            self.createdAt = createdAt
            repeated = Self.members(repeating: caller)
        }

        /// The whole object; `output` holds finished items.
        func write(_ status: Status, output: [[UInt8]] = [], usage: Usage? = nil, into writer: inout JSONWriter) {
            writer.object { writer in
                writer.member("id", id)
                writer.member("object", "response")
                writer.member("created_at", createdAt)
                writeStatus(status, into: &writer)
                writer.member("model", model)
                writer.key("output")
                writer.array { writer in
                    for item in output { writer.raw(item) }
                }
                writer.key("usage")
                write(usage, into: &writer)
                writer.raw(repeated)
            }
        }

        private func writeStatus(_ status: Status, into writer: inout JSONWriter) {
            writer.key("completed_at")
            if case .completed(let time) = status { writer.int(time) } else { writer.null() }
            writer.member("status", status.word)
            writer.key("error")
            if case .failed(let code, let message) = status {
                writer.object { writer in
                    writer.member("code", code)
                    writer.member("message", message)
                }
            } else {
                writer.null()
            }
            writer.key("incomplete_details")
            if case .incomplete(let reason) = status {
                writer.object { $0.member("reason", reason) }
            } else {
                writer.null()
            }
        }

        /// Whole with all its details, or null: clients fail on a part of it.
        func write(_ usage: Usage?, into writer: inout JSONWriter) {
            guard let usage, let input = usage.input, let output = usage.output else { return writer.null() }
            writer.object { writer in
                writer.member("input_tokens", input)
                writer.key("input_tokens_details")
                writer.object { writer in
                    writer.member("cached_tokens", usage.cachedInput ?? 0)
                    writer.member("cache_write_tokens", usage.cacheWrite ?? 0)
                }
                writer.member("output_tokens", output)
                writer.key("output_tokens_details")
                writer.object { $0.member("reasoning_tokens", usage.reasoning ?? 0) }
                writer.member("total_tokens", input &+ output)
            }
        }
    }
}

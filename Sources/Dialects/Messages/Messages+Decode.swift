import Inference
import JSON

extension Messages {
    /// Reads a caller's request.
    static func decode(_ root: JSONView, endpoint: Endpoint) throws(InferenceError) -> CallerRequest {
        throw InferenceError(.invalidRequest, "Not built yet.")
    }

    /// What becomes of each member of a request's root at a provider of another dialect.
    static let memberRules: [MemberRule] = []
}

package import Inference

/// What a stream says that has nothing to say, in the form that each dialect's clients take for a sign of life.
package enum KeepAlive {
    /// The bytes to put between two whole events; empty where the dialect has nothing harmless.
    ///
    /// Codex counts data events alone, which the Responses SDK in turn does not take before `response.created`:
    /// `hasBegun` says that this has gone down.
    package static func bytes(for dialect: Dialect, hasBegun: Bool) -> [UInt8] {
        let text: StaticString =
            switch dialect {
            case .responses where hasBegun: "event: ping\ndata: {\"type\":\"ping\"}\n\n"
            case .responses, .chat: ": keep-alive\n\n"
            case .messages: "event: ping\ndata: {\"type\":\"ping\"}\n\n"
            case .ollama: ""
            }
        return text.withUTF8Buffer { Array($0) }
    }
}

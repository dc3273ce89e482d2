import Dialects
import Inference
import NIOCore
import Providers

/// Tokens that are counted before anything is asked, and prompts that turn out shorter than they were.
extension Exchange {
    /// Whether an upstream's refusal means only that it has no counter.
    func isMissingCounter(_ status: Int, _ error: InferenceError) -> Bool {
        counted != nil && [404, 405, 501].contains(status) && error.code != .modelNotFound
    }

    /// The same where the provider has been asked already.
    func answerWithEstimate() {
        do throws(Refusal) { try answerEstimate(counted ?? body) } catch { refuse(error) }
    }

    /// Answers a request for a count with an estimate that says it is one.
    func answerEstimate(_ text: ByteBuffer) throws(Refusal) {
        guard let endpoint = route?.endpoint else { return }
        let tokens: Int
        do throws(InferenceError) {
            let caller = try CallerRequest(Array(text.readableBytesView), endpoint: endpoint)
            tokens = TokenEstimate.tokens(of: caller.request)
        } catch {
            throw Refusal(error)
        }
        var fields = ownFields
        fields.append("x-torii-estimate", "true")
        send(ByteBuffer(bytes: TokenEstimate.body(tokens, for: endpoint)), status: 200, fields: fields)
    }

    /// Notes that Ollama read far less than there was, which it does without a word where the context is too short.
    func warnOfCutPrompt() {
        guard let estimatedPrompt, let read = record.usage.input else { return }
        if PromptEstimate.isCut(estimated: estimatedPrompt, read: read) { record.warning = "prompt_truncated" }
    }

    /// The gateway's own remarks on an answer, as header fields.
    func appendNotes(to fields: inout Fields) {
        if let dropped = record.dropped { fields.append("x-torii-dropped", dropped) }
        if let warning = record.warning { fields.append("x-torii-warning", warning) }
        if record.attempts > 1 { fields.append("x-torii-attempts", "\(record.attempts)") }
    }
}

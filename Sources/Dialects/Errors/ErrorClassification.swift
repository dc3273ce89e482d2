package import Inference
package import JSON

/// The one place where an upstream's words and status become an error's code.
package enum ErrorClassification {
    /// Classifies a response with a status of 400 or more.
    ///
    /// The upstream's own words for the kind come first, then what its sentence says, then the status.
    package static func classify(
        status: Int,
        body: [UInt8],
        dialect: Dialect,
        hints: RetryHints = RetryHints()
    ) -> InferenceError {
        let words = ErrorWords(body: body)
        var error = make(words, status: status)
        error.upstreamStatus = status
        error.retryAfter = hints.delay(message: words.message)
        error.upstreamAdvisesRetry = hints.advice
        return error
    }

    /// Classifies an error object that stands in a response with a good status, in a body or in a stream; F7.
    package static func inBody(_ error: JSONView?, dialect: Dialect) -> InferenceError {
        let words = ErrorWords(error)
        let status = words.number.flatMap { (400...599).contains($0) ? $0 : nil }
        var result = make(words, status: status)
        result.retryAfter = RetryHints().delay(message: words.message)
        result.upstreamStatus = status
        return result
    }

    private static func make(_ words: ErrorWords, status: Int?) -> InferenceError {
        let rule = rule(words, status)
        let message = words.message.isEmpty ? sentence(rule.code, status) : words.message
        return InferenceError(rule.code, message, field: words.field, detail: rule.detail)
    }

    private static func rule(_ words: ErrorWords, _ status: Int?) -> ErrorRule {
        let labelled = words.labels.lazy.compactMap { ErrorRule.byLabel[$0] }.first
        let folded = words.folded
        let said = ErrorRule.bySentence.first { $0.fits(folded, status: status) }
        // A general word such as invalid_request_error gives way to a sentence that says more.
        if let labelled, !labelled.isGeneral { return labelled }
        if let said { return said }
        if let status, let known = ErrorRule(status: status) { return known }
        return labelled ?? ErrorRule(.upstreamFailed)
    }

    private static func sentence(_ code: InferenceError.Code, _ status: Int?) -> String {
        let answer = status.map { "The upstream answered \($0) and said nothing more" } ?? "The upstream failed"
        return switch code {
        case .credentials: "\(answer); it does not accept the key."
        case .rateLimited: "\(answer); there were too many requests."
        case .overloaded: "\(answer); it is too busy."
        case .timedOut: "\(answer); it ran out of time."
        default: "\(answer)."
        }
    }
}

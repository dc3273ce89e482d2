/// How likely one token of the answer was.
package struct TokenLogprob: Sendable, Hashable {
    /// A token that could have stood there.
    package struct Candidate: Sendable, Hashable {
        package var token: String
        /// The natural logarithm of its probability.
        package var logprob: Double
        /// Its UTF-8, which may be a part of a character; nil where the provider does not tell.
        package var bytes: [UInt8]?

        package init(token: String, logprob: Double, bytes: [UInt8]? = nil) {
            self.token = token
            self.logprob = logprob
            self.bytes = bytes
        }
    }

    package var chosen: Candidate
    /// The likeliest ones, the likeliest first.
    package var top: [Candidate]

    package init(_ chosen: Candidate, top: [Candidate] = []) {
        self.chosen = chosen
        self.top = top
    }
}

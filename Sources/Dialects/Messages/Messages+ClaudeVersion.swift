extension Messages {
    /// What a Claude model's name tells about how it wants to be asked; the API refuses what is of another generation.
    struct ClaudeVersion: Sendable, Equatable {
        /// Hundreds are the generation: 405 for `claude-sonnet-4-5`.
        let number: Int

        /// Reads `claude-opus-4-7`, `claude-3-7-sonnet-20250219`, `anthropic.claude-opus-5-v1:0`; nil for other models.
        init?(_ model: String) {
            let words = model.lowercased().split { !($0.isLetter || $0.isNumber) }
            guard let claude = words.firstIndex(of: "claude") else { return nil }
            // A date is no version.
            let isNumber = { (word: Substring) in word.count <= 2 && Int(word) != nil }
            guard let major = words[claude...].firstIndex(where: isNumber), let generation = Int(words[major]) else {
                return nil
            }
            let minor = words.index(after: major)
            let hasMinor = minor < words.endIndex && isNumber(words[minor])
            number = generation * 100 + (hasMinor ? Int(words[minor]) ?? 0 : 0)
        }

        /// Whether it decides itself how much to think, guided by an effort in place of a budget.
        var isAdaptive: Bool { number >= 406 }
        /// Whether it refuses `temperature`, `top_p` and `top_k`.
        var refusesSampling: Bool { number >= 407 }
        /// Whether it knows the effort `xhigh`.
        var knowsXHigh: Bool { number >= 407 }
        /// Whether it thinks unless it is told otherwise.
        var thinksUnasked: Bool { number >= 500 }
    }
}

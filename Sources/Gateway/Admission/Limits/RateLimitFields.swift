import Inference
import Providers

/// How limits stand, in the header fields that a dialect's clients know: of each kind the one of which least is left.
struct RateLimitFields {
    /// Names and values.
    let list: [(name: String, value: String)]

    /// Limits of the installation and of models are not told.
    init(_ scopes: [LimitScope], _ dialect: Dialect, _ clock: AdmissionClock) {
        let now = clock.now()
        let told = scopes.filter(\.level.isTold)
        func tightest(_ standing: (LimitScope) -> LimitStanding?) -> LimitStanding? {
            told.compactMap(standing).min { $0.isTighter(than: $1) }
        }
        let requests = tightest { $0.requests?.standing(at: now) }
        let input = tightest { $0.input?.standing(at: now) }
        let output = tightest { $0.output?.standing(at: now) }
        var list: [(name: String, value: String)] = []
        if dialect == .messages {
            let wall = clock.wall()
            for case (let kind, let standing?) in [
                ("requests", requests), ("input-tokens", input), ("output-tokens", output),
            ] {
                let prefix = "anthropic-ratelimit-\(kind)-"
                list.append((prefix + "limit", "\(standing.limit)"))
                list.append((prefix + "remaining", "\(standing.remaining)"))
                // Rounded up, so that all is there by then.
                let reset = wall + (standing.reset + 999_999) / 1_000_000 + 999
                list.append((prefix + "reset", Timestamp.text(of: reset)))
            }
        } else {
            let tokens = [input, output].compactMap(\.self).min { $0.isTighter(than: $1) }
            for case (let kind, let standing?) in [("requests", requests), ("tokens", tokens)] {
                list.append(("x-ratelimit-limit-\(kind)", "\(standing.limit)"))
                list.append(("x-ratelimit-remaining-\(kind)", "\(standing.remaining)"))
                list.append(("x-ratelimit-reset-\(kind)", Self.text(of: standing.reset)))
            }
        }
        self.list = list
    }

    /// Puts them into a head, in the place of the upstream's own of the same names.
    func write(to fields: inout Fields) {
        for field in list { fields.set(field.name, field.value) }
    }

    /// A time as OpenAI writes it: `250ms`, `12.5s`, `1m3s`.
    static func text(of nanoseconds: Int) -> String {
        let milliseconds = (nanoseconds + 999_999) / 1_000_000
        if milliseconds < 1_000 { return "\(milliseconds)ms" }
        guard milliseconds < 60_000 else {
            let seconds = (milliseconds + 999) / 1_000
            return "\(seconds / 60)m\(seconds % 60)s"
        }
        let rest = milliseconds % 1_000
        guard rest > 0 else { return "\(milliseconds / 1_000)s" }
        let digits = "\(1_000 + rest)".dropFirst()
        return "\(milliseconds / 1_000).\(digits.prefix(through: digits.lastIndex { $0 != "0" } ?? digits.startIndex))s"
    }
}

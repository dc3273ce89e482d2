/// What an upstream said about trying again, as it stood in the response's header.
package struct RetryHints: Sendable, Hashable {
    /// `Retry-After`: seconds or an HTTP date.
    package var retryAfter: String?
    /// `retry-after-ms`.
    package var retryAfterMilliseconds: String?
    /// `x-ratelimit-reset*` or Anthropic's `anthropic-ratelimit-*-reset`: when what is used up comes back.
    package var rateLimitReset: String?
    /// `x-should-retry`: `true` or `false`.
    package var shouldRetry: String?
    /// Seconds since 1970; without it an HTTP date is not understood.
    package var now: Double?
    /// The longest wait that is believed, in seconds; a longer one is cut to it.
    package var cap: Double

    package init(
        retryAfter: String? = nil,
        retryAfterMilliseconds: String? = nil,
        rateLimitReset: String? = nil,
        shouldRetry: String? = nil,
        now: Double? = nil,
        cap: Double = 300
    ) {
        self.retryAfter = retryAfter
        self.retryAfterMilliseconds = retryAfterMilliseconds
        self.rateLimitReset = rateLimitReset
        self.shouldRetry = shouldRetry
        self.now = now
        self.cap = cap
    }

    /// The wait in seconds by the finest source that makes sense: milliseconds, `Retry-After`, the error's own
    /// words ("try again in 1.5s"), then the reset of a rate limit.
    ///
    /// Negative numbers and garbage count as nothing; what is longer than `cap` is cut to it.
    package func delay(message: String = "") -> Double? {
        let seconds =
            retryAfterMilliseconds.flatMap(Self.number).map { $0 / 1000 }
            ?? retryAfter.flatMap(Self.number)
            ?? retryAfter.flatMap(HTTPDate.init).flatMap { date in now.map { max(0, date.seconds - $0) } }
            ?? Self.spoken(message) ?? rateLimitReset.flatMap { Self.reset($0, now: now) }
        return seconds.map { min($0, cap) }
    }

    /// `x-should-retry` as a boolean; nil for anything but `true` and `false`.
    var advice: Bool? {
        shouldRetry.flatMap { Bool($0.lowercased()) }
    }

    /// `1s`, `6m0s`, `20ms`, seconds, a point in time in seconds or milliseconds since 1970, or in RFC 3339.
    private static func reset(_ text: String, now: Double?) -> Double? {
        guard !text.isEmpty else { return nil }
        if let value = number(text) {
            guard value > 1e9 else { return value }
            return now.map { max(0, (value > 1e12 ? value / 1000 : value) - $0) }
        }
        if let time = InternetTime(text) { return now.map { max(0, time.seconds - $0) } }
        return duration(text[...], unit: "")
    }

    private static func number(_ text: String) -> Double? {
        let trimmed = text.drop { $0 == " " }
        guard trimmed.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E || $0 == 0x20 }) else {
            return exponential(trimmed)
        }
        return Double(trimmed.prefix { $0 != " " })
    }

    /// `1e9` is no number that HTTP allows here, but its meaning is plain.
    private static func exponential(_ text: Substring) -> Double? {
        guard text.first?.isNumber == true, let value = Double(text), value.isFinite, value >= 0 else { return nil }
        return value
    }

    /// "try again in 1.5s", "in 20ms", "in 6m0s", "retry after 20 seconds".
    private static func spoken(_ message: String) -> Double? {
        let words = message.lowercased().split { $0 == " " || $0 == "\n" }
        for (index, word) in words.enumerated() where word == "in" || word == "after" {
            guard index > 0, ["again", "retry"].contains(words[index - 1]), index + 1 < words.count else { continue }
            let unit = index + 2 < words.count ? words[index + 2] : ""
            if let seconds = duration(words[index + 1], unit: unit) { return seconds }
        }
        return nil
    }

    private static func duration(_ word: Substring, unit: Substring) -> Double? {
        var rest = word
        while let last = rest.last, ".,;:)".contains(last) { rest.removeLast() }
        if let value = number(String(rest)) {
            if unit.hasPrefix("ms") || unit.hasPrefix("milli") { return value / 1000 }
            return unit.hasPrefix("min") ? value * 60 : value
        }
        var total = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber || $0 == "." }
            guard let value = Double(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            let letters = rest.prefix { $0.isLetter }
            guard let factor = ["ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400][letters] else { return nil }
            rest = rest.dropFirst(letters.count)
            total += value * factor
        }
        return total
    }
}

/// A date as RFC 9110 section 5.6.7 prefers it: `Sun, 06 Nov 1994 08:49:37 GMT`.
struct HTTPDate {
    /// Since 1970.
    let seconds: Double

    init?(_ text: String) {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", parts[0].hasSuffix(",") else { return nil }
        let clock = parts[4].split(separator: ":", omittingEmptySubsequences: false).compactMap { Int($0) }
        guard let day = Int(parts[1]), (1...31).contains(day), let year = Int(parts[3]), (1970...9999).contains(year),
            let month = months.firstIndex(of: String(parts[2])), clock.count == 3,
            (0...23).contains(clock[0]), (0...59).contains(clock[1]), (0...60).contains(clock[2])
        else { return nil }
        let days = Self.days(year: year, month: month + 1, day: day)
        seconds = Double(days * 86400 + clock[0] * 3600 + clock[1] * 60 + clock[2])
    }

    /// Days since 1970-01-01 in the Gregorian calendar; years count from March so that the leap day comes last.
    fileprivate static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

/// A point in time as RFC 3339 writes it in UTC: `2026-11-27T09:00:00Z`, with a fraction or without.
struct InternetTime {
    /// Since 1970.
    let seconds: Double

    init?(_ text: String) {
        let parts = text.split(separator: "T")
        guard parts.count == 2, parts[1].last == "Z" else { return nil }
        let date = parts[0].split(separator: "-", omittingEmptySubsequences: false).compactMap { Int($0) }
        let clock = parts[1].dropLast().split(separator: ":", omittingEmptySubsequences: false).compactMap {
            Double($0)
        }
        guard date.count == 3, clock.count == 3, (1970...9999).contains(date[0]), (1...12).contains(date[1]),
            (1...31).contains(date[2]), (0..<24).contains(clock[0]), (0..<60).contains(clock[1]),
            (0..<61).contains(clock[2])
        else { return nil }
        let days = HTTPDate.days(year: date[0], month: date[1], day: date[2])
        seconds = Double(days) * 86400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
    }
}

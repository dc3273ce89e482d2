import Providers

/// How hard a request is tried where no route says more; nil for the built-in value.
struct AttemptsConfiguration: Sendable {
    var retries: Setting<Int>?
    var backoff: Setting<Duration>?
    var longestWait: Setting<Duration>?
    var repeatsSent: Setting<Bool>?
    var firstToken: Setting<Duration>?
    var total: Setting<Duration>?

    init() {}

    /// Reads the `server.attempts` mapping.
    init(_ reader: MappingReader) {
        retries = reader.integer("retries", in: 0...10)
        backoff = reader.duration("backoff")
        longestWait = reader.duration("longest_wait")
        repeatsSent = reader.boolean("repeat_sent")
        firstToken = reader.duration("first_token")
        total = reader.duration("total")
    }

    /// The policy, with the built-in values where none is given.
    var policy: AttemptPolicy {
        var policy = AttemptPolicy()
        policy.retries = retries?.value ?? policy.retries
        policy.backoff = backoff?.value ?? policy.backoff
        policy.longestWait = longestWait?.value ?? policy.longestWait
        policy.repeatsSent = repeatsSent?.value ?? policy.repeatsSent
        policy.deadlines.firstToken = firstToken?.value
        policy.deadlines.total = total?.value
        return policy
    }

    /// Writes what was given.
    func write(to yaml: inout YAMLText) {
        let lines: [(String, String, ValueOrigin)] = [
            retries.map { ("retries", String($0.value), $0.origin) },
            backoff.map { ("backoff", Quantity.text($0.value), $0.origin) },
            longestWait.map { ("longest_wait", Quantity.text($0.value), $0.origin) },
            repeatsSent.map { ("repeat_sent", String($0.value), $0.origin) },
            firstToken.map { ("first_token", Quantity.text($0.value), $0.origin) },
            total.map { ("total", Quantity.text($0.value), $0.origin) },
        ].compactMap(\.self)
        if !lines.isEmpty { yaml.add("attempts", "", depth: 1) }
        for (key, value, origin) in lines { yaml.add(key, value, depth: 2, origin: origin) }
    }
}

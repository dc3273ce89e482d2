import Inference
import JSON

/// Builds one line of the request log, as JSON or as `key=value` pairs.
struct LogLine {
    private(set) var bytes: [UInt8]
    private let format: LogSettings.Format

    /// Begins a line behind `earlier` ones.
    init(
        behind earlier: consuming [UInt8] = [],
        format: LogSettings.Format,
        time: String,
        level: StaticString = "info",
        event: StaticString
    ) {
        self.format = format
        bytes = earlier
        append(format == .json ? "{\"time\":\"" : "")
        bytes.append(contentsOf: time.utf8)
        append(format == .json ? "\",\"level\":\"" : " ")
        append(level)
        append(format == .json ? "\",\"event\":\"" : " ")
        append(event)
        append(format == .json ? "\"" : "")
    }

    mutating func text(_ name: StaticString, _ value: String) {
        var value = value
        value.withUTF8 { text in
            let text = UnsafeRawBufferPointer(text)
            let isPlain = Self.isPlain(text)
            let isQuoted = format == .json || text.isEmpty || text.contains(UInt8(ascii: " "))
            member(name, room: isPlain ? text.count + 2 : 0) { span in
                guard isPlain else { return }
                if isQuoted { span.append(UInt8(ascii: "\"")) }
                span.append(copying: text)
                if isQuoted { span.append(UInt8(ascii: "\"")) }
            }
            guard !isPlain else { return }
            var writer = JSONWriter(capacity: text.count + 8)
            writer.string(String(decoding: text, as: UTF8.self))
            bytes.append(contentsOf: writer.bytes)
        }
    }

    mutating func number(_ name: StaticString, _ value: Int) {
        member(name, room: 20) { $0.append(decimal: value) }
    }

    /// Billionths as a decimal number, with as many digits as it has.
    mutating func amount(_ name: StaticString, nanos: Int) {
        let (whole, part) = nanos.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        member(name, room: 32) { span in
            if nanos < 0 { span.append(UInt8(ascii: "-")) }
            span.append(decimal: Int(whole))
            guard part > 0 else { return }
            span.append(UInt8(ascii: "."))
            var (rest, unit) = (part, UInt(100_000_000))
            while rest > 0 {
                span.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / unit))
                rest %= unit
                unit /= 10
            }
        }
    }

    mutating func flag(_ name: StaticString, _ value: Bool) {
        member(name, room: 5) { $0.append(value ? "true" : "false") }
    }

    /// Ends the line with its line feed.
    mutating func end() {
        append(format == .json ? "}\n" : "\n")
    }

    /// Whether all of a text is printable ASCII that no quoting changes.
    private static func isPlain(_ text: UnsafeRawBufferPointer) -> Bool {
        var at = 0
        while at &+ 8 <= text.count {
            let eight = text.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            let odd =
                eight.bytes(below: 0x20) | eight.bytes(equalTo: UInt8(ascii: "\""))
                | eight.bytes(equalTo: UInt8(ascii: "\\")) | eight.bytes(equalTo: 0x7F) | eight & 0x8080_8080_8080_8080
            guard odd == 0 else { return false }
            at &+= 8
        }
        return text[at...].allSatisfy {
            $0 &- 0x20 < 0x5F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
    }

    /// A member of this name, whose value takes at most `room` bytes.
    @inline(__always)
    private mutating func member(_ name: StaticString, room: Int, _ value: (inout OutputSpan<UInt8>) -> Void) {
        bytes.append(addingCapacity: name.utf8CodeUnitCount + room + 4) { span in
            span.append(format == .json ? ",\"" : " ")
            span.append(name)
            span.append(format == .json ? "\":" : "=")
            value(&span)
        }
    }

    private mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }
}

extension LogLine {
    /// The line of one exchange: the one list of what it holds; docs/logging.md explains each.
    init(
        _ record: ExchangeRecord,
        behind earlier: consuming [UInt8] = [],
        format: LogSettings.Format,
        time: String
    ) {
        self.init(behind: earlier, format: format, time: time, event: "request")
        text("request_id", record.requestID)
        text("route", record.route)
        if let transport = record.transport { text("transport", transport.rawValue) }
        if let tenant = record.tenant { text("tenant", tenant) }
        if let team = record.team { text("team", team) }
        if let user = record.user { text("user", user) }
        if let key = record.key { text("key", key) }
        if let client = record.client { text("client", client) }
        if let dialect = record.dialect { text("dialect", dialect.rawValue) }
        if let provider = record.provider { text("provider", provider) }
        if let dialect = record.upstreamDialect, dialect != record.dialect {
            text("upstream_dialect", dialect.rawValue)
        }
        if let model = record.model { text("model", model) }
        if let model = record.upstreamModel, model != record.model { text("upstream_model", model) }
        if let rule = record.rule { text("rule", rule) }
        flag("stream", record.streamed)
        if let dropped = record.dropped { text("dropped", dropped) }
        number("status", record.status)
        if let status = record.upstreamStatus, status != record.status { number("upstream_status", status) }
        text("outcome", record.outcome.rawValue)
        if let code = record.code { text("code", code) }
        if let cause = record.cause { text("cause", cause) }
        if let warning = record.warning { text("warning", warning) }
        if record.attempts > 1 { number("attempts", record.attempts) }
        if record.retries > 0 { number("retries", record.retries) }
        if let cause = record.fallbackCause { text("fallback_cause", cause) }
        if !record.tried.isEmpty { text("tried", record.triedText) }
        if record.waitedMicroseconds > 0 { number("waited_ms", (record.waitedMicroseconds + 999) / 1000) }
        number("bytes_in", record.bytesIn)
        number("bytes_out", record.bytesOut)
        if let tokens = record.usage.input { number("input_tokens", tokens) }
        if let tokens = record.usage.cachedInput { number("cached_input_tokens", tokens) }
        if let tokens = record.usage.cacheWrite { number("cache_write_tokens", tokens) }
        if let tokens = record.usage.cacheWrite1h { number("cache_write_1h_tokens", tokens) }
        if let tokens = record.usage.output { number("output_tokens", tokens) }
        if let tokens = record.usage.reasoning { number("reasoning_tokens", tokens) }
        if record.isEstimated { flag("estimated", true) }
        if let nanos = record.costNanos { amount("cost_usd", nanos: nanos) }
        if record.isUnpriced { flag("unpriced", true) }
        if let time = record.firstByteMicroseconds { number("first_byte_us", time) }
        if let time = record.firstTokenMicroseconds { number("first_token_us", time) }
        number("total_us", record.totalMicroseconds)
        end()
    }
}

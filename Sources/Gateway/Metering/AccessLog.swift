import Inference
import JSON
package import NIOCore

/// One loop's request log: lines are gathered and handed to the sink a few times a second.
///
/// Confined to its event loop.
package final class AccessLog {
    private static let delay = TimeAmount.milliseconds(20)
    private static let threshold = 64 << 10

    private let settings: LogSettings
    private let sink: LogSink
    private let eventLoop: any EventLoop
    private var timestamp = Timestamp()
    private var lines: [UInt8] = []
    private var isScheduled = false

    package init(settings: LogSettings, sink: LogSink, eventLoop: any EventLoop) {
        self.settings = settings
        self.sink = sink
        self.eventLoop = eventLoop
    }

    /// Writes one exchange's line.
    package func append(_ record: ExchangeRecord) {
        guard settings.requests else { return }
        let time = timestamp.now()
        switch settings.format {
        case .json: appendJSON(record, time)
        case .text: appendText(record, time)
        }
        if lines.count >= Self.threshold { return flush() }
        guard !isScheduled else { return }
        isScheduled = true
        eventLoop.assumeIsolatedUnsafeUnchecked().scheduleTask(in: Self.delay) { self.flush() }
    }

    /// Hands all gathered lines to the sink.
    package func flush() {
        isScheduled = false
        guard !lines.isEmpty else { return }
        sink.write(lines)
        lines.removeAll(keepingCapacity: lines.capacity <= 2 * Self.threshold)
    }

    private func appendJSON(_ record: ExchangeRecord, _ time: String) {
        var writer = JSONWriter(capacity: 512)
        writer.object { object in
            object.member("time", time)
            object.member("level", "info")
            object.member("event", "request")
            forEachMember(of: record) { name, value in
                switch value {
                case .text(let text): object.member(name, text)
                case .number(let number): object.member(name, number)
                case .flag(let flag): object.member(name, flag)
                }
            }
        }
        lines += writer.bytes
        lines.append(UInt8(ascii: "\n"))
    }

    private func appendText(_ record: ExchangeRecord, _ time: String) {
        var line = "\(time) request"
        forEachMember(of: record) { name, value in
            switch value {
            case .text(let text): line += " \(name)=\(Self.quoted(text))"
            case .number(let number): line += " \(name)=\(number)"
            case .flag(let flag): line += " \(name)=\(flag)"
            }
        }
        lines += Array(line.utf8)
        lines.append(UInt8(ascii: "\n"))
    }

    private enum Value {
        case text(String)
        case number(Int)
        case flag(Bool)
    }

    /// The one list of what a request's line holds; docs/logging.md explains each.
    private func forEachMember(of record: ExchangeRecord, _ emit: (String, Value) -> Void) {
        emit("request_id", .text(record.requestID))
        emit("route", .text(record.route))
        if let dialect = record.dialect { emit("dialect", .text(dialect.rawValue)) }
        if let provider = record.provider { emit("provider", .text(provider)) }
        if let model = record.model { emit("model", .text(model)) }
        if let model = record.upstreamModel, model != record.model { emit("upstream_model", .text(model)) }
        emit("stream", .flag(record.streamed))
        emit("status", .number(record.status))
        if let status = record.upstreamStatus, status != record.status { emit("upstream_status", .number(status)) }
        emit("outcome", .text(record.outcome.rawValue))
        if let code = record.code { emit("code", .text(code)) }
        if let cause = record.cause { emit("cause", .text(cause)) }
        emit("bytes_in", .number(record.bytesIn))
        emit("bytes_out", .number(record.bytesOut))
        if let tokens = record.usage.input { emit("input_tokens", .number(tokens)) }
        if let tokens = record.usage.cachedInput { emit("cached_input_tokens", .number(tokens)) }
        if let tokens = record.usage.cacheWrite { emit("cache_write_tokens", .number(tokens)) }
        if let tokens = record.usage.output { emit("output_tokens", .number(tokens)) }
        if let tokens = record.usage.reasoning { emit("reasoning_tokens", .number(tokens)) }
        if let time = record.firstByteMicroseconds { emit("first_byte_us", .number(time)) }
        emit("total_us", .number(record.totalMicroseconds))
    }

    /// Quotes a value where it holds more than plain characters, so that a line stays one line.
    private static func quoted(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
        if isPlain { return text }
        var writer = JSONWriter(capacity: text.utf8.count + 2)
        writer.string(text)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

package import NIOCore

/// One loop's request log: lines are gathered and handed to the sink a few times a second.
///
/// Confined to its event loop.
package final class AccessLog {
    private static let delay = TimeAmount.milliseconds(20)
    private static let threshold = 64 << 10

    /// The format stays what it was, because gathered lines are in it.
    package var settings: LogSettings
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
        var before: [UInt8] = []
        swap(&before, &lines)
        lines = LogLine(record, behind: before, format: settings.format, time: time).bytes
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
}

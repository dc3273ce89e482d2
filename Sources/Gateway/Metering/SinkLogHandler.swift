package import Logging

/// Puts the remarks of the gateway and of its libraries into the same place and form as the request log.
package struct SinkLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    private let sink: LogSink
    private let format: LogSettings.Format
    /// The level of a logger that has one of its own.
    private var ownLevel: Logger.Level?

    package init(sink: LogSink, format: LogSettings.Format) {
        self.sink = sink
        self.format = format
    }

    /// The sink's, which a reload may change.
    package var logLevel: Logger.Level {
        get { ownLevel ?? sink.level }
        set { ownLevel = newValue }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var timestamp = Timestamp()
        var line = LogLine(format: format, time: timestamp.now(), level: Self.word(event.level), event: "log")
        line.text("message", "\(event.message)")
        let details = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        if !details.isEmpty { line.text("details", details.map { "\($0.key)=\($0.value)" }.joined(separator: " ")) }
        line.end()
        sink.write(line.bytes)
    }

    private static func word(_ level: Logger.Level) -> StaticString {
        switch level {
        case .trace, .debug: "debug"
        case .info, .notice: "info"
        case .warning: "warning"
        case .error, .critical: "error"
        }
    }
}

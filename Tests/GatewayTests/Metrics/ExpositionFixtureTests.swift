import Foundation
import Testing

@testable import Gateway

/// A scrape as it is written, in `Tests/Fixtures/Metrics`; promtool and the parsers of Prometheus' client for Python
/// take both.
///
/// Run with `TORII_RECORD=1` to write them anew, and read the difference.
@Suite("A whole scrape")
struct ExpositionFixtureTests {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/Metrics").path

    @Test(
        "is written as it was recorded, byte for byte",
        arguments: [(.prometheus, "scrape.prometheus"), (.openMetrics, "scrape.openmetrics")]
            as [(ExpositionFormat, String)]
    )
    func fixture(format: ExpositionFormat, file: String) throws {
        let text = String(decoding: PrometheusText.bytes(of: ScrapeSamples.families, as: format), as: UTF8.self)
        let path = "\(Self.folder)/\(file)"
        if ProcessInfo.processInfo.environment["TORII_RECORD"] != nil {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
        #expect(text == (try String(contentsOfFile: path, encoding: .utf8)))
    }
}

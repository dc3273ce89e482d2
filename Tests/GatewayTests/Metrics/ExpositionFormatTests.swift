import Testing

@testable import Gateway

@Suite("What a scrape is written in")
struct ExpositionFormatTests {
    @Test(
        "is the text format, unless the client would rather have OpenMetrics",
        arguments: [
            (nil, .prometheus),
            ("", .prometheus),
            ("*/*", .prometheus),
            ("text/plain", .prometheus),
            ("text/html", .prometheus),
            ("application/json", .prometheus),
            ("application/openmetrics-text", .openMetrics),
            ("Application/OpenMetrics-Text; Version=1.0.0; charset=utf-8", .openMetrics),
            ("application/openmetrics-text; version=\"1.0.0\"", .openMetrics),
            ("application/openmetrics-text;version=0.0.1", .prometheus),
            ("application/openmetrics-text;version=2.0.0", .prometheus),
            ("application/openmetrics-text;q=0", .prometheus),
            ("application/openmetrics-text;q=0, text/plain;q=0", .prometheus),
            ("application/openmetrics-text;q=nan", .prometheus),
            ("application/openmetrics-text;q=7", .prometheus),
            ("application/openmetrics-text;q=0.1", .openMetrics),
            ("application/openmetrics-text;q=0.1, */*;q=0.5", .prometheus),
            ("text/plain;q=0.5, application/openmetrics-text;q=0.6", .openMetrics),
            ("text/plain;q=0.6, application/openmetrics-text;q=0.5", .prometheus),
            ("text/plain, application/openmetrics-text", .prometheus),
            ("application/openmetrics-text, text/plain", .openMetrics),
            ("text/plain;q=0.2, application/*;q=0.9", .openMetrics),
            ("text/*, application/*;q=0.9", .prometheus),
            ("text/plain;q=0.2, */*", .openMetrics),
            ("text/plain;version=0.0.4;q=1,*/*;q=0.1", .prometheus),
        ] as [(String?, ExpositionFormat)]
    )
    func negotiated(accept: String?, format: ExpositionFormat) {
        #expect(ExpositionFormat.negotiated(accept: accept) == format)
    }

    @Test("is OpenMetrics for Prometheus 2 and 3")
    func prometheus() {
        let second =
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
            + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
        let third =
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
            + "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
            + "text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
        #expect(ExpositionFormat.negotiated(accept: second) == .openMetrics)
        #expect(ExpositionFormat.negotiated(accept: third) == .openMetrics)
    }

    @Test("is said with its version")
    func contentType() {
        #expect(ExpositionFormat.prometheus.contentType == "text/plain; version=0.0.4; charset=utf-8")
        #expect(
            ExpositionFormat.openMetrics.contentType == "application/openmetrics-text; version=1.0.0; charset=utf-8"
        )
    }
}

/// What some requests came to, as the series of the metrics say it.
struct LiveCounts: Sendable, Hashable {
    /// Those that have ended.
    private(set) var requests = 0.0
    /// Those among them that failed or broke off.
    private(set) var failed = 0.0
    /// Those that run.
    var inFlight = 0
    private(set) var input = 0.0
    private(set) var output = 0.0
    private(set) var usd = 0.0
    /// Those of which the time to the first token is known, and these times together in seconds.
    private(set) var firstTokens = 0.0
    private(set) var firstTokenSeconds = 0.0

    /// Takes in a series; `word` is its outcome or its kind of tokens.
    mutating func add(_ value: MetricFamily.Value, of name: GatewayMetrics.Counted, _ word: String) {
        switch value {
        case .histogram(let histogram):
            guard name == .firstToken else { return }
            firstTokens += Double(histogram.count)
            firstTokenSeconds += histogram.sum
        case .number(let number):
            switch (name, word) {
            case (.requests, ExchangeRecord.Outcome.failed.rawValue),
                (.requests, ExchangeRecord.Outcome.interrupted.rawValue):
                requests += number
                failed += number
            case (.requests, _): requests += number
            case (.tokens, "input"): input += number
            case (.tokens, "output"): output += number
            case (.cost, _): usd += number
            default: break
            }
        }
    }

    /// The nearest whole number, of which two can be added, whatever providers have claimed.
    static func whole(_ number: Double) -> Int { number.isNaN ? 0 : Int(min(max(number, 0), 0x1p61).rounded()) }
}

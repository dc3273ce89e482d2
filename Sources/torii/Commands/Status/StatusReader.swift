import Inference
import JSON
import Providers

/// Asks a gateway's administration listener how it is.
struct StatusReader: Sendable {
    /// Why there is no report.
    struct Failure: Error, Sendable {
        let message: String
        let nextStep: String
    }

    /// What it says, as it came and as it was understood.
    struct Answer: Sendable {
        var json: [UInt8]
        var report: StatusReport
    }

    let address: String
    private let attempt: Attempt

    /// A gateway on this machine answers at once, and one that is overloaded all the same.
    private static let timeouts = Timeouts(
        connect: .seconds(2),
        firstByte: .seconds(5),
        idle: .seconds(5),
        total: .seconds(10)
    )

    /// Asks with a key, where there is one.
    ///
    /// Throws `badValue` for what is no address.
    init(address: String, key: String?, client: UpstreamClient = UpstreamClient()) throws(ConfigurationError) {
        let url: BaseURL
        do { url = try BaseURL(address) } catch {
            throw ConfigurationError(
                .badValue,
                "the address \(address) \(error.reason)",
                nextStep: "Give the administration listener's, such as http://127.0.0.1:8788."
            )
        }
        self.address = "\(url.scheme.rawValue)://\(url.authority)"
        var provider = Provider(name: "gateway", baseURL: url, timeouts: Self.timeouts)
        provider.apiKey = key.map { Secret($0) }
        attempt = Attempt(provider: provider, client: client)
    }

    func read() async throws(Failure) -> Answer {
        let view: JSONView
        do throws(InferenceError) {
            view = try await attempt.json(ProviderCall("GET", "/status", dialect: .chat), limit: 8 << 20)
        } catch {
            guard error.upstreamStatus == nil, error.code != .malformed else { throw foreign }
            throw Failure(
                message: "no gateway answers at \(address): \(error.cause ?? error.message)",
                nextStep: "Start one: torii serve. Or give its administration address: torii status --url URL"
            )
        }
        guard let report = StatusReport(view) else { throw foreign }
        return Answer(json: Array(view.raw), report: report)
    }

    private var foreign: Failure {
        Failure(
            message: "what answers at \(address) is not the administration listener of a gateway",
            nextStep: "Its port is server.admin_port, 8788 where nothing else is configured."
        )
    }
}

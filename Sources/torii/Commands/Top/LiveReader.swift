import Gateway
import JSON

/// Asks a gateway's administration listener what runs.
struct LiveReader: Sendable {
    /// Why there is no report.
    struct Failure: Error, Sendable {
        let message: String
        var nextStep: String?
        var status = ExitStatus.failed
        /// Whether asking once more may help.
        var mayPass = false

        /// Says it; gives what the command ends with.
        func said() -> Exit {
            Console.standard.note("torii: \(message)" + (nextStep.map { "\n  \($0)" } ?? ""))
            return Exit(status)
        }
    }

    private let gateway: RemoteAdministration

    init(address: String, environment: [String: String]) throws(ConfigurationError) {
        gateway = try RemoteAdministration(address, environment: environment)
    }

    /// The address that is asked.
    var place: String { gateway.place }

    func read() async throws(Failure) -> LiveReport {
        let (status, body): (Int, [UInt8])
        do throws(RemoteAdministration.Failure) {
            (status, body) = try await gateway.answer(to: AdministrationRequest("GET", "/admin/v1/live"))
        } catch {
            throw Failure(message: error.message, nextStep: error.nextStep, mayPass: true)
        }
        let root = try? JSONDocument(body).root
        guard status == 200 else { throw refusal(status, root?["detail"]?.string) }
        guard let report = root.flatMap({ LiveReport($0) }) else { throw foreign }
        return report
    }

    private func refusal(_ status: Int, _ detail: String?) -> Failure {
        guard let detail else { return foreign }
        switch status {
        case 401: return Failure(message: detail, nextStep: "Put it into $TORII_API_KEY.", status: .credentials)
        case 403:
            return Failure(
                message: detail,
                nextStep: "Put the key of an operator, a tenant-admin or a viewer into $TORII_API_KEY.",
                status: .denied
            )
        case 404:
            return Failure(
                message: "the gateway at \(place) does not tell what runs: \(detail)",
                nextStep: "If it is older than this program, start it anew with \(Version.current)."
            )
        default: return Failure(message: detail, mayPass: status >= 500)
        }
    }

    private var foreign: Failure {
        Failure(
            message: "what answers at \(place) is not the administration listener of a gateway",
            nextStep: "Its port is server.admin_port, 8788 where nothing else is configured."
        )
    }
}

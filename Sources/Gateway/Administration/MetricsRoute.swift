import Hummingbird
import NIOCore

/// What the gateway counts and measures, for a Prometheus.
struct MetricsRoute: Sendable {
    let view: GatewayView
    let door: AdministrationDoor

    /// What it answers, as the document has it.
    static var answer: AdministrationOperation.Answer {
        var answer = AdministrationOperation.Answer(200, "All metrics, in the format that `Accept` asks for.")
        answer.otherTypes = ["text/plain", "application/openmetrics-text"]
        return answer
    }

    func answer(
        _ request: Request,
        _ context: AdministrationContext
    ) async throws(AdministrationProblem) -> AdministrationReply {
        try await door.checkScrape(request, from: context.address)
        guard view.shared.series != nil else { throw .nothingCounted }
        let format = ExpositionFormat.negotiated(accept: request.headers[.accept])
        var reply = AdministrationReply(status: 200, body: PrometheusText.bytes(of: await view.families(), as: format))
        reply.mediaType = format.contentType
        return reply
    }
}

extension AdministrationProblem {
    /// There is nothing to be told of what the gateway does.
    static let nothingCounted = AdministrationProblem(
        .notFound,
        "Nothing is counted here: server.metrics.enabled is false."
    )
}

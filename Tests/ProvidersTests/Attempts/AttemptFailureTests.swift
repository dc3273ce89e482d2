import Inference
import Testing

@testable import Providers

@Suite struct AttemptFailureTests {
    private static func told(_ code: InferenceError.Code, _ status: Int?, advises: Bool? = nil) -> AttemptFailure {
        var error = InferenceError(code, "no", upstreamStatus: status)
        error.upstreamAdvisesRetry = advises
        return AttemptFailure(error, .told)
    }

    @Test("F1: an explicit status is repeated by its kind, sent or not", arguments: [true, false])
    func statuses(_ repeatsSent: Bool) {
        let passing: [(Int, InferenceError.Code)] = [
            (408, .timedOut), (409, .invalidRequest), (425, .invalidRequest), (500, .upstreamFailed),
            (502, .upstreamFailed), (503, .overloaded), (504, .timedOut), (529, .overloaded),
        ]
        for (status, code) in passing {
            #expect(Self.told(code, status).remedy(repeatsSent: repeatsSent) == .again, "\(status)")
        }
        #expect(Self.told(.rateLimited, 429).remedy(repeatsSent: repeatsSent) == .elsewhereFirst)
        for (status, code) in [
            (400, InferenceError.Code.invalidRequest), (422, .invalidRequest), (413, .invalidRequest),
        ] {
            #expect(Self.told(code, status).remedy(repeatsSent: repeatsSent) == .nothing, "\(status)")
        }
        #expect(Self.told(.upstreamFailed, 404).remedy(repeatsSent: repeatsSent) == .elsewhere)
        #expect(Self.told(.upstreamFailed, 501).remedy(repeatsSent: repeatsSent) == .elsewhere)
    }

    @Test(
        "what waiting does not mend is for another target, whatever the status",
        arguments: [
            InferenceError.Code.quota, .credentials, .modelNotFound, .contextTooLong, .contentPolicy, .outOfMemory,
            .toolsUnsupported,
        ]
    )
    func elsewhere(_ code: InferenceError.Code) {
        for status in [400, 401, 404, 429, 500] {
            #expect(Self.told(code, status).remedy(repeatsSent: true) == .elsewhere)
        }
    }

    @Test("F7: an error inside of a 200 is repeated by its kind, an answer that broke off only where that is allowed")
    func insideGood() {
        #expect(AttemptFailure(answer: InferenceError(.upstreamFailed, "x")).remedy(repeatsSent: false) == .again)
        #expect(AttemptFailure(answer: InferenceError(.overloaded, "x")).remedy(repeatsSent: false) == .again)
        #expect(AttemptFailure(answer: InferenceError(.invalidRequest, "x")).remedy(repeatsSent: true) == .nothing)
        #expect(AttemptFailure(answer: InferenceError(.interrupted, "x")).remedy(repeatsSent: false) == .nothing)
        #expect(AttemptFailure(answer: InferenceError(.interrupted, "x")).remedy(repeatsSent: true) == .again)
        #expect(AttemptFailure(answer: InferenceError(.malformed, "x")).remedy(repeatsSent: false) == .nothing)
        #expect(AttemptFailure(answer: InferenceError(.malformed, "x")).remedy(repeatsSent: true) == .elsewhere)
    }

    @Test("F1: silence and a reset after sending are repeated only where the route allows it")
    func wire() {
        for kind in TransportFailure.Kind.allCases {
            let sent = TransportFailure(kind, "", requestMayHaveBeenSent: true)
            let unsent = TransportFailure(kind, "", requestMayHaveBeenSent: false)
            let error = InferenceError(sent, provider: "p")
            #expect(AttemptFailure(sent, error).remedy(repeatsSent: false) == .nothing, "\(kind)")
            let expected: Remedy =
                switch kind {
                case .refused, .unreachable, .proxy, .closedBeforeHead, .closedInBody: .again
                case .connectTimedOut, .nameTimedOut, .firstByteTimedOut, .idleTimedOut, .totalTimedOut: .elsewhereFirst
                case .nameNotFound, .certificateExpired, .certificateWrongHost, .certificateUntrusted, .tls,
                    .notHTTP, .responseTooLarge, .noCapacity:
                    .elsewhere
                case .invalidRequest, .shutDown, .cancelled: .nothing
                }
            #expect(AttemptFailure(unsent, error).remedy(repeatsSent: false) == expected, "\(kind)")
            #expect(AttemptFailure(sent, error).remedy(repeatsSent: true) == expected, "\(kind)")
        }
    }

    @Test("the provider's own advice goes before the status, but not before the request's fault")
    func advice() {
        #expect(Self.told(.upstreamFailed, 501, advises: true).remedy(repeatsSent: false) == .again)
        #expect(Self.told(.upstreamFailed, 500, advises: false).remedy(repeatsSent: false) == .elsewhere)
        #expect(Self.told(.rateLimited, 429, advises: false).remedy(repeatsSent: false) == .elsewhere)
        #expect(Self.told(.invalidRequest, 400, advises: true).remedy(repeatsSent: true) == .nothing)
    }

    @Test("F8 F9: a failure says of whom it speaks")
    func verdicts() {
        #expect(Self.told(.rateLimited, 429).verdict == .exhausted)
        #expect(Self.told(.quota, 429).verdict == .exhausted)
        #expect(Self.told(.upstreamFailed, 500).verdict == .ailing)
        #expect(Self.told(.upstreamFailed, 404).verdict == .healthy)
        #expect(Self.told(.overloaded, 503).verdict == .ailing)
        #expect(Self.told(.invalidRequest, 400).verdict == .healthy)
        #expect(Self.told(.contextTooLong, 400).verdict == .healthy)
        #expect(AttemptFailure(InferenceError(.overloaded, "full"), .unasked).verdict == .unknown)
        let full = TransportFailure(.noCapacity, "")
        #expect(AttemptFailure(full, InferenceError(full, provider: "p")).verdict == .unknown)
        #expect(AttemptFailure(answer: InferenceError(.interrupted, "cut")).verdict == .ailing)
        let refused = TransportFailure(.refused, "")
        #expect(AttemptFailure(refused, InferenceError(refused, provider: "p")).verdict == .ailing)
    }
}

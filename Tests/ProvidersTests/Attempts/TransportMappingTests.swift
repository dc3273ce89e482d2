import Inference
import Testing

@testable import Providers

@Suite struct TransportMappingTests {
    @Test("every failure of the wire has a code, a sentence with the provider's name, and itself as the detail")
    func every() {
        for kind in TransportFailure.Kind.allCases {
            let error = InferenceError(TransportFailure(kind, "the system's words"), provider: "ollama")
            #expect(error.message.hasPrefix("Provider ollama "))
            #expect(error.message.hasSuffix("."))
            #expect(error.cause == "the system's words")
            #expect(error.detail == kind.rawValue)
        }
    }

    @Test(
        "F1 F2 F3 F4 F6 F10 F11 failures mean what they should to a caller",
        arguments: [
            (TransportFailure.Kind.refused, InferenceError.Code.unreachable), (.closedBeforeHead, .unreachable),
            (.closedInBody, .interrupted), (.idleTimedOut, .timedOut), (.firstByteTimedOut, .timedOut),
            (.nameNotFound, .unreachable), (.certificateExpired, .unreachable), (.responseTooLarge, .malformed),
            (.notHTTP, .malformed), (.noCapacity, .overloaded), (.cancelled, .cancelled),
        ]
    )
    func codes(kind: TransportFailure.Kind, code: InferenceError.Code) {
        #expect(InferenceError(TransportFailure(kind, ""), provider: "p").code == code)
    }
}

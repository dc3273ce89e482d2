import Inference
import Providers

extension InferenceError {
    init(_ failure: TransportFailure, provider: String) {
        let code: InferenceError.Code =
            switch failure.kind {
            case .connectTimedOut, .firstByteTimedOut, .idleTimedOut, .totalTimedOut, .nameTimedOut: .timedOut
            case .closedInBody: .interrupted
            case .notHTTP, .responseTooLarge: .malformed
            default: .unreachable
            }
        self.init(code, "Provider \(provider): \(failure.detail)", detail: failure.kind.rawValue)
    }
}

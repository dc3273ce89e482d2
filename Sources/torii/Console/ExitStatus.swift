import Inference

/// How the process ends; the numbers are documented in `docs/cli.md`.
enum ExitStatus: Int32, Sendable, CaseIterable {
    case done = 0
    /// Something failed that none of the others names.
    case failed = 1
    /// The command line itself is wrong.
    case usage = 2
    case configuration = 3
    /// A provider wants another key, or one at all.
    case credentials = 4
    /// The provider does not have the model.
    case modelUnavailable = 5
    case contextTooLong = 6
    /// The provider is out of reach, out of time, out of memory or broken.
    case providerFailed = 7
    /// A tool was not allowed to run.
    case denied = 8
    /// The agent used up its turns.
    case turnLimit = 9
    /// Ctrl-C.
    case interrupted = 130

    init(_ code: InferenceError.Code) {
        self =
            switch code {
            case .invalidRequest: .failed
            case .modelNotFound: .modelUnavailable
            case .contextTooLong: .contextTooLong
            case .credentials: .credentials
            case .quota, .rateLimited, .outOfMemory, .overloaded, .contentPolicy, .toolsUnsupported, .unreachable,
                .timedOut, .interrupted, .malformed, .upstreamFailed:
                .providerFailed
            case .budgetExceeded: .denied
            case .cancelled: .interrupted
            }
    }
}

/// Ends a command with this status after it has said itself what there is to say.
struct Exit: Error {
    let status: ExitStatus

    init(_ status: ExitStatus) { self.status = status }
}

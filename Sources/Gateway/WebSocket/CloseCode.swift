/// Why a WebSocket is closed (RFC 6455 section 7.4.1).
enum CloseCode: UInt16, Sendable, Hashable, CaseIterable {
    /// All that was wanted is done.
    case normal = 1000
    /// The gateway stops, or the session has lasted long enough.
    case goingAway = 1001
    /// What came is no WebSocket.
    case protocolError = 1002
    /// Binary messages mean nothing here.
    case unsupported = 1003
    /// A text is not UTF-8.
    case badText = 1007
    /// The client breaks a rule of this gateway, such as how long a message may take to come.
    case policy = 1008
    case tooBig = 1009
    /// Our own mistake.
    case internalError = 1011
    /// There is no room now.
    case tryAgainLater = 1013

    /// Whether a peer may give this number as its reason.
    static func isAllowed(_ number: UInt16) -> Bool {
        switch number {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

/// Why no more can be read from a WebSocket.
struct FrameFault: Error, Hashable {
    let code: CloseCode
    /// At most 123 bytes, so that it fits into a close frame.
    let reason: String

    init(_ code: CloseCode, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}

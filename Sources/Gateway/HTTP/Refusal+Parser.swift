import Dialects
import Providers

extension Refusal {
    /// The answer to bytes that are not one unambiguous HTTP/1.1 request (B8, B9, B10); always closes.
    init(_ error: HTTPSyntaxError) {
        switch error {
        case .headTooLarge: self.init(.headTooLarge, "The request's header fields are too many or too long.")
        case .wrongVersion: self.init(.wrongVersion, "Only HTTP/1.1 and HTTP/1.0 are spoken here.")
        case .badStart, .badField, .badFraming:
            self.init(.badFraming, "The request is not well-formed HTTP/1.1: \(error.words).")
        }
        closes = true
    }
}

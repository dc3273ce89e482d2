import Dialects
import NIOHTTP1

extension Refusal {
    /// The answer to bytes that are not one unambiguous HTTP/1.1 request (B8, B9, B10); always closes.
    init(parserError: HTTPParserError) {
        switch parserError {
        case .headerOverflow:
            self.init(.headTooLarge, "The request's header fields are too many or too long.")
        case .invalidVersion:
            self.init(.wrongVersion, "Only HTTP/1.1 and HTTP/1.0 are spoken here.")
        case .invalidURL, .invalidPath, .invalidQueryString, .invalidFragment, .invalidHost, .invalidPort:
            self.init(.badTarget, "The request target is malformed.")
        default:
            self.init(.badFraming, "The request is not well-formed HTTP/1.1.")
        }
        closes = true
    }
}

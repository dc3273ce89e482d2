/// The path of a stored response, or of what can be asked about it.
struct ResponsePath {
    private static let prefix = "/v1/responses/"

    let id: String
    /// `.response` for the response itself.
    let route: PublicRoute

    /// Reads a plain path; nil for one of another route, or whose id cannot be one.
    init?(_ path: String) {
        guard path.utf8.starts(with: Self.prefix.utf8) else { return nil }
        let parts = path.dropFirst(Self.prefix.count).split(separator: "/", omittingEmptySubsequences: false)
        switch (parts.count, parts.last) {
        case (1, _): route = .response
        case (2, "input_items"): route = .responseItems
        case (2, "cancel"): route = .responseCancel
        default: return nil
        }
        guard let id = parts.first, (1...Self.longest).contains(id.utf8.count), id.utf8.allSatisfy(Self.isOfID) else {
            return nil
        }
        self.id = String(id)
    }

    private static func isOfID(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }

    private static let longest = 256
}

import NIOCore
package import Providers

/// The address of a document with keys, or of whoever is told something: `https`, or on this machine `http`.
package struct KeyAddress: Sendable, Hashable, CustomStringConvertible {
    package let base: BaseURL
    /// The request target, with its query.
    package let target: String

    package var description: String { "\(base.scheme.rawValue)://\(base.authority)\(target)" }

    /// Whether it leads to this machine, in whatever spelling; not where the servers of a name lead it.
    var leadsHere: Bool {
        let host = base.host.last == "." ? String(base.host.dropLast()) : base.host
        if Loopback.isLoopback(host) || host.hasSuffix(".localhost") { return true }
        if let address = try? SocketAddress(ipAddress: host, port: 0) {
            return Self.here.contains { $0.contains(address) }
        }
        // Such as 127.1 and 0x7f000001: the system reads numbers in more ways than one.
        return host.split(separator: ".").last?.utf8.first.map { (0x30...0x39).contains($0) } ?? false
    }

    /// This machine and whatever it listens on.
    private static let here = ["127.0.0.0/8", "0.0.0.0/8", "::1", "::"].compactMap { AddressRange($0) }

    /// Reads an address; `danger` is what those between could do to what plain `http` carries.
    ///
    /// - Throws: `BaseURL.Problem` for what is none, and for plain `http` to another machine: whoever stands between could
    ///   put keys of his own there.
    package init(_ text: String, danger: String = "change the keys") throws(BaseURL.Problem) {
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let plain = parts.first ?? ""
        base = try BaseURL(String(plain))
        let query = parts.count == 2 ? "?\(parts[1])" : ""
        guard query.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
            throw BaseURL.Problem(reason: "holds a space, a control or a non-ASCII character, or a #")
        }
        guard base.scheme == .https || Loopback.isLoopback(base.host) else {
            throw BaseURL.Problem(reason: "is http to another machine, where everybody between could \(danger)")
        }
        // A slash at the end may matter, and a base URL has none.
        let path = base.path + (plain.last == "/" && !base.path.isEmpty ? "/" : "")
        target = (path.isEmpty ? "/" : path) + query
    }

    /// Where an issuer says where its keys are (OpenID Connect Discovery 1.0 section 4).
    package func discovery() throws(BaseURL.Problem) -> KeyAddress {
        try KeyAddress(base.description + "/.well-known/openid-configuration")
    }
}

/// A forward proxy and how to log in to it.
package struct ForwardProxy: Sendable, Hashable {
    package var host: String
    package var port: Int
    /// The value of `Proxy-Authorization`, if the proxy's address had a user in it.
    package var authorization: Secret?
}

/// Which forward proxy an origin is reached through, as the usual environment variables say.
package struct ProxySettings: Sendable, Hashable {
    /// What is wrong with a variable.
    package struct Problem: Error, Sendable, Hashable {
        package let variable: String
        package let reason: String
    }

    private struct Exception: Hashable {
        /// Lower-cased, without a leading dot; empty means every host.
        var suffix: String
        var port: Int?
    }

    private var http: ForwardProxy?
    private var https: ForwardProxy?
    private var exceptions: [Exception] = []

    /// No proxy for anything.
    package init() {}

    /// Reads `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`; the lower-case spelling of each goes first.
    ///
    /// `NO_PROXY` is a list of `*`, hosts and domains (with everything below them), each with or without a port.
    /// Loopback is always reached directly.
    package init(environment: [String: String]) throws(Problem) {
        http = try Self.proxy("HTTP_PROXY", in: environment)
        https = try Self.proxy("HTTPS_PROXY", in: environment)
        let list = environment["no_proxy"] ?? environment["NO_PROXY"] ?? ""
        exceptions = list.split(whereSeparator: { $0 == "," || $0.isWhitespace }).map(Self.exception)
    }

    func proxy(for origin: Origin) -> ForwardProxy? {
        guard let proxy = origin.scheme == .http ? http : https, !Self.isLoopback(origin.host) else { return nil }
        let isExcepted = exceptions.contains { exception in
            guard exception.port == nil || exception.port == origin.port else { return false }
            let suffix = exception.suffix
            return suffix.isEmpty || origin.host == suffix || origin.host.hasSuffix("." + suffix)
        }
        return isExcepted ? nil : proxy
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host.hasSuffix(".localhost") || host == "::1" || isLoopbackV4(host)
    }

    private static func isLoopbackV4(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.first == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func exception(_ text: Substring) -> Exception {
        var name = text
        var port: Int?
        if name.first == "[", let close = name.firstIndex(of: "]") {
            port = Int(name[close...].dropFirst(2))
            name = name[..<close].dropFirst()
        } else if let colon = name.lastIndex(of: ":"), name.firstIndex(of: ":") == colon {
            port = Int(name[colon...].dropFirst())
            name = name[..<colon]
        }
        if name.first == "*" { name.removeFirst() }
        if name.first == "." { name.removeFirst() }
        return Exception(suffix: name.lowercased(), port: port)
    }

    private static func proxy(_ name: String, in environment: [String: String]) throws(Problem) -> ForwardProxy? {
        let spelling = environment[name.lowercased()] == nil ? name : name.lowercased()
        guard let text = environment[spelling], !text.isEmpty else { return nil }
        let hasScheme = text.contains("://")
        let address = hasScheme ? text : "http://" + text
        guard address.lowercased().hasPrefix("http://") else {
            throw Problem(variable: spelling, reason: "is not the address of an http:// proxy")
        }
        let rest = address.dropFirst(7)
        let authority = rest.prefix { $0 != "/" }
        let at = authority.lastIndex(of: "@")
        let place = at.map { authority[$0...].dropFirst() } ?? authority
        do {
            let url = try BaseURL("http://" + place)
            let login = at.map { Secret("Basic " + Base64.encode(percentDecoded(authority[..<$0]))) }
            return ForwardProxy(host: url.host, port: url.port, authorization: login)
        } catch {
            throw Problem(variable: spelling, reason: error.reason)
        }
    }

    private static func percentDecoded(_ text: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest.removeFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }
}

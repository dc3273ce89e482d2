package import Inference

/// A provider's address, checked once: scheme, host, port and the path that its routes hang below.
package struct BaseURL: Sendable, Hashable, CustomStringConvertible {
    package enum Scheme: String, Sendable, Hashable {
        case http
        case https

        package var defaultPort: Int { self == .http ? 80 : 443 }
    }

    /// What is wrong with a text that was meant as an address.
    package struct Problem: Error, Sendable, Hashable {
        package let reason: String

        package init(reason: String) { self.reason = reason }
    }

    package let scheme: Scheme
    /// Lower-cased; an IPv6 address stands without its brackets.
    package let host: String
    package let port: Int
    /// Begins with `/` and does not end with it; empty for the root.
    package let path: String

    package var description: String { "\(scheme.rawValue)://\(authority)\(path)" }

    /// `host` or `host:port` as the `Host` field has it: the scheme's own port is left out.
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == scheme.defaultPort ? name : "\(name):\(port)"
    }

    /// Reads `http(s)://host[:port][/path]`.
    ///
    /// - Throws: `Problem` for another scheme, user information, a query, a fragment, white space or a bad port.
    package init(_ text: String) throws(Problem) {
        guard let split = text.range(of: "://") else { throw Problem(reason: "has no http:// or https:// in front") }
        guard let scheme = Scheme(rawValue: text[..<split.lowerBound].lowercased()) else {
            throw Problem(reason: "has the scheme \(text[..<split.lowerBound]), not http or https")
        }
        let rest = text[split.upperBound...]
        guard rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Problem(reason: "holds a space, a control or a non-ASCII character")
        }
        guard !rest.contains(where: { "?#@\\".contains($0) }) else {
            throw Problem(reason: "holds one of ? # @ \\, which a base URL cannot have")
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        (self.host, self.port) = try Self.hostAndPort(rest[..<slash], scheme: scheme)
        self.scheme = scheme
        var path = rest[slash...]
        while path.last == "/" { path.removeLast() }
        self.path = String(path)
    }

    /// The request target of a dialect's route, such as `/v1` and `/chat/completions`.
    ///
    /// A base URL without a path gets `/v1`, one with a path is taken as it is; Ollama's native routes hang where
    /// a closing `/v1` was.
    package func target(_ dialect: Dialect, _ route: String) -> String {
        if dialect == .ollama { return (path.hasSuffix("/v1") ? String(path.dropLast(3)) : path) + route }
        return (path.isEmpty ? "/v1" : path) + route
    }

    private static func hostAndPort(_ text: Substring, scheme: Scheme) throws(Problem) -> (String, Int) {
        var host = text
        var port = scheme.defaultPort
        if text.first == "[" {
            guard let close = text.firstIndex(of: "]") else { throw Problem(reason: "has an unclosed [ in its host") }
            host = text[text.index(after: text.startIndex)..<close]
            let after = text[text.index(after: close)...]
            guard after.isEmpty || after.first == ":" else {
                throw Problem(reason: "has something after ] in its host")
            }
            if after.first == ":" { port = try number(after.dropFirst()) }
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = try number(text[text.index(after: colon)...])
        }
        guard !host.isEmpty else { throw Problem(reason: "has no host") }
        return (host.lowercased(), port)
    }

    private static func number(_ text: Substring) throws(Problem) -> Int {
        guard let port = Int(text), (1...65535).contains(port), text.first != "+" else {
            throw Problem(reason: "has the port \(text), which is not from 1 to 65535")
        }
        return port
    }
}

extension StringProtocol {
    /// The first place where `text` stands; Foundation's namesake is not wanted here.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}

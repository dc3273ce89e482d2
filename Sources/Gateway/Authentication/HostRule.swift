import Dialects

/// Keeps web pages from reaching a local gateway through a name of their own (B17).
package struct HostRule: Sendable {
    private let allowed: Set<String>
    private let isOpen: Bool

    /// - Parameters:
    ///   - listener: the host that the listener is bound to.
    ///   - allowed: more names that callers may use.
    package init(listener: String, allowed: [String]) {
        isOpen = !Loopback.isLoopback(listener) && allowed.isEmpty
        self.allowed = Set((allowed + ["localhost", "127.0.0.1", "::1", listener]).map { $0.lowercased() })
    }

    /// Checks the `Host` and `Origin` fields.
    ///
    /// - Throws: `Refusal` 400 for a `Host` that is missing, doubled or malformed, 403 for a name that is not allowed.
    package func check(_ fields: CallerFields) throws(Refusal) {
        guard let value = fields.host, fields.doubled != "host" else {
            throw Refusal(.badTarget, "The request needs exactly one Host field.").closing()
        }
        guard let host = Self.host(of: value) else {
            throw Refusal(.badTarget, "The Host field is not a host name with an optional port.").closing()
        }
        if isOpen { return }
        guard allowed.contains(host) else {
            throw Refusal(.forbidden, "This host name is not served here. Add it to server.allowed_hosts to serve it.")
        }
        if let origin = fields.origin { try checkOrigin(origin) }
    }

    private func checkOrigin(_ origin: String) throws(Refusal) {
        let parts = origin.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        let host = parts.count == 3 ? Self.host(of: String(parts[2])) : nil
        guard let host, allowed.contains(host), !Loopback.isLoopback(host) else {
            throw Refusal(
                .forbidden,
                "Web pages of this origin are not served. Add its host to server.allowed_hosts to serve it."
            )
        }
    }

    /// The lower-cased name in front of the port; nil where the value is no `host[:port]`.
    private static func host(of value: String) -> String? {
        var name = Substring(value)
        if value.first == "[" {
            guard let close = value.firstIndex(of: "]"), isPort(value[value.index(after: close)...]) else { return nil }
            name = value[value.index(after: value.startIndex)..<close]
            guard name.utf8.allSatisfy({ isHexDigit($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }) else {
                return nil
            }
        } else {
            if let colon = value.firstIndex(of: ":") {
                guard isPort(value[colon...]) else { return nil }
                name = value[..<colon]
            }
            guard name.utf8.allSatisfy(isNameByte) else { return nil }
        }
        return name.isEmpty ? nil : name.lowercased()
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty
            || (text.first == ":" && text.utf8.count <= 6
                && text.dropFirst().utf8.allSatisfy { (0x30...0x39).contains($0) })
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        isHexDigit(byte) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: ".")
            || byte == UInt8(ascii: "_")
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
    }
}

/// What counts as this machine alone.
package enum Loopback {
    /// Whether a host, as a name or as an address, can only be reached from this machine.
    package static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

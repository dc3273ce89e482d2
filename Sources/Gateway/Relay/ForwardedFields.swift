import Providers

/// Decides which header fields cross the gate, in both directions.
///
/// Hop-by-hop fields, credentials, cookies and the fields that name an account never cross.
enum ForwardedFields {
    /// The fields of the request to the provider, with its own key and its fixed fields set.
    ///
    /// `hops` is the value of `x-torii-hop` that goes on.
    static func request(from caller: Fields, to provider: Provider, requestID: String, hops: String) -> Fields {
        var fields = Fields()
        fields.reserve(caller.count + provider.headers.count + 5)
        let named = connectionTokens(caller)
        caller.forEach { name, value in
            guard !staysBehind(name), !named.contains(where: { $0.isSameField(name) }) else { return }
            guard !provider.headers.contains(where: { $0.name.isSameField(name) }) else { return }
            fields.append(name, value)
        }
        fields.append("x-torii-hop", hops)
        let own = provider.headers.isEmpty ? [] : provider.headers.map(\.name)
        func append(_ name: String, _ value: @autoclosure () -> String) {
            guard !own.contains(where: { $0.isSameField(name) }) else { return }
            fields.append(name, value())
        }
        append("content-type", "application/json")
        append("accept-encoding", "identity")
        append("x-request-id", requestID)
        if let key = provider.apiKey, !key.isEmpty { setKey(key, provider.authentication, append) }
        for header in provider.headers { fields.append(header.name, header.value.reveal()) }
        return fields
    }

    /// The fields of the response to the client; its length is the relay's to say.
    static func response(from upstream: Fields, requestID: String) -> Fields {
        var fields = Fields()
        fields.reserve(upstream.count + 2)
        let named = connectionTokens(upstream)
        upstream.forEach { name, value in
            guard !staysAbove(name), !named.contains(where: { $0.isSameField(name) }) else { return }
            fields.append(name.isField("x-request-id") ? "x-upstream-request-id" : name, value)
        }
        fields.append("x-request-id", requestID)
        return fields
    }

    private static func setKey(
        _ key: Secret,
        _ authentication: Provider.Authentication,
        _ append: (String, @autoclosure () -> String) -> Void
    ) {
        switch authentication {
        case .bearer: append("authorization", "Bearer \(key.reveal())")
        case .xAPIKey: append("x-api-key", key.reveal())
        case .apiKey: append("api-key", key.reveal())
        case .none: break
        }
    }

    /// What `Connection` declares to be for this hop alone, but for the two words that are no field names.
    private static func connectionTokens(_ fields: Fields) -> [String] {
        var tokens: [String] = []
        fields.forEach { name, value in
            guard name.isField("connection"), !value.isField("keep-alive"), !value.isField("close") else { return }
            for token in value.split(separator: ",") { tokens.append(token.filter { $0 != " " && $0 != "\t" }) }
        }
        return tokens
    }

    private static func staysBehind(_ name: String) -> Bool {
        if isHopByHop(name) || name.beginsField("x-torii-") || name.beginsField("x-forwarded-")
            || name.beginsField("sec-")
        {
            return true
        }
        return switch name.utf8.count {
        case 3: name.isField("via")
        case 4: name.isField("host")
        case 6: name.isField("cookie") || name.isField("origin") || name.isField("expect")
        case 7: name.isField("api-key") || name.isField("referer")
        case 9: name.isField("x-api-key") || name.isField("forwarded") || name.isField("x-real-ip")
        case 10: name.isField("x-provider")
        case 12: name.isField("content-type") || name.isField("x-request-id")
        case 13: name.isField("authorization")
        case 14: name.isField("openai-project") || name.isField("x-goog-api-key")
        case 15: name.isField("accept-encoding")
        case 16: name.isField("content-encoding")
        case 19: name.isField("openai-organization")
        default: false
        }
    }

    private static func staysAbove(_ name: String) -> Bool {
        if isHopByHop(name) || name.beginsField("x-torii-") || name.beginsField("access-control-") { return true }
        return switch name.utf8.count {
        case 3: name.isField("via") || name.isField("nel")
        case 6: name.isField("server") || name.isField("cf-ray")
        case 7: name.isField("alt-svc")
        case 9: name.isField("report-to")
        case 10: name.isField("set-cookie")
        case 11: name.isField("set-cookie2")
        case 14: name.isField("openai-project")
        case 15: name.isField("cf-cache-status")
        case 19: name.isField("openai-organization")
        case 25: name.isField("anthropic-organization-id") || name.isField("strict-transport-security")
        default: false
        }
    }

    private static func isHopByHop(_ name: String) -> Bool {
        switch name.utf8.count {
        case 2: name.isField("te")
        case 7: name.isField("trailer") || name.isField("upgrade")
        case 10: name.isField("connection") || name.isField("keep-alive")
        case 14: name.isField("content-length")
        case 16: name.isField("proxy-connection")
        case 17: name.isField("transfer-encoding")
        case 18: name.isField("proxy-authenticate")
        case 19: name.isField("proxy-authorization")
        default: false
        }
    }
}

extension String {
    /// Whether two field names are the same but for the case of their letters.
    func isSameField(_ other: String) -> Bool {
        utf8.count == other.utf8.count && lowercased().utf8.elementsEqual(other.lowercased().utf8)
    }

    /// Whether a field name begins with `prefix`, which is lower-case ASCII.
    func beginsField(_ prefix: StaticString) -> Bool {
        guard utf8.count >= prefix.utf8CodeUnitCount else { return false }
        var pointer = prefix.utf8Start
        let end = prefix.utf8Start + prefix.utf8CodeUnitCount
        for byte in utf8 {
            if pointer == end { return true }
            let lower = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
            guard lower == pointer.pointee else { return false }
            pointer += 1
        }
        return true
    }
}

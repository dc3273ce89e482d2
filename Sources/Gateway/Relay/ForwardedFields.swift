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
        caller.forEachField { field in
            guard !staysBehind(field), !named.contains(where: { field.isNamed(text: $0) }) else { return }
            guard !provider.headers.contains(where: { field.isNamed(text: $0.name) }) else { return }
            fields.append(field)
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
        upstream.forEachField { field in
            guard !staysAbove(field), !named.contains(where: { field.isNamed(text: $0) }) else { return }
            if field.isNamed("x-request-id") {
                fields.append("x-upstream-request-id", field.valueText)
            } else {
                fields.append(field)
            }
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
        case .bearer: append("authorization", "Bearer " + key.reveal())
        case .xAPIKey: append("x-api-key", key.reveal())
        case .apiKey: append("api-key", key.reveal())
        case .none: break
        }
    }

    /// What `Connection` declares to be for this hop alone, but for the two words that are no field names.
    private static func connectionTokens(_ fields: Fields) -> [String] {
        var tokens: [String] = []
        fields.forEachField { field in
            guard field.isNamed("connection"), !field.isValue("keep-alive"), !field.isValue("close") else { return }
            for token in field.valueText.split(separator: ",") {
                tokens.append(token.filter { $0 != " " && $0 != "\t" })
            }
        }
        return tokens
    }

    private static func staysBehind(_ field: Field) -> Bool {
        if isHopByHop(field) || field.nameBegins("x-torii-") || field.nameBegins("x-forwarded-")
            || field.nameBegins("sec-")
        {
            return true
        }
        return switch field.name.count {
        case 3: field.isNamed("via")
        case 4: field.isNamed("host")
        case 6: field.isNamed("cookie") || field.isNamed("origin") || field.isNamed("expect")
        case 7: field.isNamed("api-key") || field.isNamed("referer")
        case 9: field.isNamed("x-api-key") || field.isNamed("forwarded") || field.isNamed("x-real-ip")
        case 10: field.isNamed("x-provider")
        case 12: field.isNamed("content-type") || field.isNamed("x-request-id")
        case 13: field.isNamed("authorization")
        case 14: field.isNamed("openai-project") || field.isNamed("x-goog-api-key")
        case 15: field.isNamed("accept-encoding")
        case 16: field.isNamed("content-encoding")
        case 19: field.isNamed("openai-organization")
        default: false
        }
    }

    private static func staysAbove(_ field: Field) -> Bool {
        if isHopByHop(field) || field.nameBegins("x-torii-") || field.nameBegins("access-control-") { return true }
        return switch field.name.count {
        case 3: field.isNamed("via") || field.isNamed("nel")
        case 6: field.isNamed("server") || field.isNamed("cf-ray")
        case 7: field.isNamed("alt-svc")
        case 9: field.isNamed("report-to")
        case 10: field.isNamed("set-cookie")
        case 11: field.isNamed("set-cookie2")
        case 14: field.isNamed("openai-project")
        case 15: field.isNamed("cf-cache-status")
        case 19: field.isNamed("openai-organization")
        case 25: field.isNamed("anthropic-organization-id") || field.isNamed("strict-transport-security")
        default: false
        }
    }

    private static func isHopByHop(_ field: Field) -> Bool {
        switch field.name.count {
        case 2: field.isNamed("te")
        case 7: field.isNamed("trailer") || field.isNamed("upgrade")
        case 10: field.isNamed("connection") || field.isNamed("keep-alive")
        case 14: field.isNamed("content-length")
        case 16: field.isNamed("proxy-connection")
        case 17: field.isNamed("transfer-encoding")
        case 18: field.isNamed("proxy-authenticate")
        case 19: field.isNamed("proxy-authorization")
        default: false
        }
    }
}

extension String {
    /// Whether two field names are the same but for the case of their letters.
    func isSameField(_ other: String) -> Bool {
        utf8.count == other.utf8.count && lowercased().utf8.elementsEqual(other.lowercased().utf8)
    }
}

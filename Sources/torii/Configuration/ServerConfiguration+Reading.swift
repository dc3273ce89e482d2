import Providers

extension ServerConfiguration {
    /// Reads the `server` mapping.
    init(_ reader: MappingReader, context: ReadingContext) {
        host = reader.hostName("host") ?? host
        port = reader.integer("port", in: 0...65535) ?? port
        adminHost = reader.hostName("admin_host") ?? adminHost
        adminPort = reader.integer("admin_port", in: 0...65535) ?? adminPort
        keys = (reader.elements("keys") ?? []).enumerated().compactMap { index, element in
            reader.secret(element, key: "keys[\(index)]", context: context)
        }
        allowedHosts = reader.hostNames("allowed_hosts") ?? allowedHosts
        tlsCertificate = reader.path("tls_cert", context: context)
        tlsKey = reader.path("tls_key", context: context)
        clientCertificates = reader.mapping("client_certificates").map { .read($0, context: context) }
        tokens = (reader.elements("tokens") ?? []).enumerated().compactMap { index, element in
            TokenConfiguration.read(element, index: index, context: context)
        }
        checkIssuers(context.findings)
        threads = reader.integer("threads", in: 1...1024)
        allowsPull = reader.boolean("allow_pull")
        if let webSocket = reader.mapping("websocket") {
            servesWebSocket = webSocket.boolean("enabled")
            webSocketIdleTimeout = webSocket.duration("idle_timeout")
            webSocketMaximumAge = webSocket.duration("max_age")
        }
        if let streams = reader.mapping("streams") {
            streamHeadDelay = streams.duration("head_delay")
            streamKeepAlive = streams.duration("keep_alive")
        }
        if let reader = reader.mapping("attempts") { attempts = .read(reader) }
        if let state = reader.mapping("state") {
            stateFile =
                state.text("file")?.value == "memory" ? state.text("file") : state.path("file", context: context)
            stateTTL = state.duration("ttl")
            stateBytes = state.size("max_bytes")
            stateKey = state.node("key").flatMap { state.secret($0, key: "key", context: context) }
        }
        if let reader = reader.mapping("metering") { metering = .read(reader) }
        if let reader = reader.mapping("masking") { masking = .read(reader, context: context) }
        if let reader = reader.mapping("capture") { capture = .read(reader) }
        if let reader = reader.mapping("metrics") { metrics = .read(reader, context: context) }
        if let log = reader.mapping("log") {
            logFormat = log.choice("format") ?? logFormat
            logLevel = log.choice("level") ?? logLevel
        }
        if let reader = reader.mapping("limits") { limits = Limits(reader) }
        if let overload = reader.mapping("overload") {
            loopLag = overload.bound("loop_lag") { $0.duration($1) }
            memory = overload.share("memory") ?? overload.bound("memory") { $0.size($1) }
        }
        for (key, missing, given) in [("tls_cert", "tls_key", tlsCertificate), ("tls_key", "tls_cert", tlsKey)] {
            guard let given, reader.node(missing) == nil else { continue }
            reader.findings.add(
                .conflict,
                "\(reader.name(of: key)) is given without \(missing)",
                at: given.origin.position
            )
        }
    }

    /// Fetches the callers' keys (B16).
    ///
    /// - Throws: `unresolvedSecret`; `conflict` for an empty key, and off loopback for one that is short or everybody's.
    func resolvedKeys(environment: [String: String]) throws(ConfigurationError) -> [Secret] {
        var secrets: [Secret] = []
        for (index, key) in keys.enumerated() {
            let name = "server.keys[\(index)]"
            let secret = try key.value.resolve(for: name, at: key.origin.position, environment: environment)
            if let reason = Self.weakness(of: secret, isLoopback: isLoopback) {
                throw ConfigurationError(
                    .conflict,
                    "\(name) \(reason)",
                    at: key.origin.position,
                    nextStep: "Make one: openssl rand -hex 32"
                )
            }
            secrets.append(secret)
        }
        return secrets
    }

    private static let everybodysKeys: Set<String> = [
        "not-required", "changeme", "change-me", "your-api-key", "your_api_key", "torii-default-key",
        "sk-1234567890abcdef",
    ]

    private static func weakness(of secret: Secret, isLoopback: Bool) -> String? {
        let text = secret.reveal()
        if text.allSatisfy(\.isWhitespace) { return "is empty" }
        if isLoopback { return nil }
        if everybodysKeys.contains(text.lowercased()) {
            return "is a default key, which opens the gateway to everybody"
        }
        return text.utf8.count < 16 ? "is shorter than 16 characters, too short off loopback" : nil
    }
}

extension ServerConfiguration {
    /// One issuer's tokens are read in one way.
    private func checkIssuers(_ findings: Findings) {
        var seen: Set<[UInt8]> = []
        for token in tokens where !seen.insert(Array(token.issuer.value.utf8)).inserted {
            findings.add(
                .duplicateName,
                "two of server.tokens have the issuer \(token.issuer.value)",
                at: token.issuer.origin.position,
                nextStep: "Make one of the two: audience and rules are lists."
            )
        }
    }
}

extension ServerConfiguration.Limits {
    init(_ reader: MappingReader) {
        body = reader.size("body")
        bodiesInMemory = reader.size("bodies_in_memory")
        event = reader.size("event")
        response = reader.size("response")
        heldResponse = reader.size("held_response")
        fields = reader.integer("fields", in: 1...10_000)
        fieldBytes = reader.size("field_bytes")
        connections = reader.integer("connections", in: 1...1_000_000)
        headTimeout = reader.duration("head_timeout")
        bodyTimeout = reader.duration("body_timeout")
        keepAliveTimeout = reader.duration("keep_alive_timeout")
        writeTimeout = reader.duration("write_timeout")
        drainTimeout = reader.duration("drain_timeout")
        admission = .read(reader)
    }
}

extension MappingReader {
    /// A quantity, or `off`; YAML takes the plain word for a boolean.
    fileprivate func bound<Value: Sendable & Hashable>(
        _ key: String,
        _ read: (MappingReader, String) -> Setting<Value>?
    ) -> Setting<ServerConfiguration.Bound<Value>>? {
        guard let node = node(key) else { return nil }
        if case .boolean(false) = node.content { return Setting(.off, .file(node.position)) }
        if Self.text(node) == "off" { return Setting(.off, .file(node.position)) }
        return read(self, key)?.map { .at($0) }
    }

    /// A whole number of percent from 1 to 100, with its sign; nil for what is not written like that.
    fileprivate func share<Value: Sendable & Hashable>(_ key: String) -> Setting<ServerConfiguration.Bound<Value>>? {
        guard let node = node(key), let text = Self.text(node), text.last == "%",
            let percent = Int(text.dropLast()), (1...100).contains(percent)
        else { return nil }
        return Setting(.share(percent), .file(node.position))
    }

    fileprivate func hostNames(_ key: String) -> Setting<[String]>? {
        guard let node = node(key), let names = texts(key) else { return nil }
        guard let wrong = names.value.first(where: { !ServerConfiguration.isHost($0) }) else { return names }
        return refuse(
            key,
            node,
            "holds \(wrong), which is not an address or a host's name",
            "Give names without port and scheme."
        )
    }

    /// An address or a host's name, without a port.
    fileprivate func hostName(_ key: String) -> Setting<String>? {
        guard let node = node(key), let text = text(key) else { return nil }
        guard ServerConfiguration.isHost(text.value) else {
            return refuse(key, node, "is not an address or a host's name", "The port has a key of its own.")
        }
        return text
    }
}

extension ServerConfiguration {
    /// Checks what flags and the environment may have changed.
    ///
    /// - Throws: `badValue` for a host that is none, `conflict` for one half of a certificate and its key.
    func check() throws(ConfigurationError) {
        for host in [host, adminHost] where !Self.isHost(host.value) {
            throw ConfigurationError(
                .badValue,
                "\(host.origin) is not an address or a host's name",
                nextStep: "The port is given on its own: --port, --admin-port."
            )
        }
        if (tlsCertificate == nil) != (tlsKey == nil) {
            throw ConfigurationError(.conflict, "TLS needs a certificate and its key", nextStep: "Give both, or none.")
        }
        guard let clientCertificates else { return }
        guard let authorities = clientCertificates.authorityFile else {
            throw ConfigurationError(
                .missingKey,
                "server.client_certificates has no ca",
                nextStep: "Give a file with the authorities of clients, there or as --tls-client-ca."
            )
        }
        guard tlsCertificate != nil else {
            throw ConfigurationError(
                .conflict,
                "client certificates need TLS",
                at: authorities.origin.position,
                nextStep: "Give server.tls_cert and server.tls_key as well."
            )
        }
    }

    /// Letters, digits, `.` and `-`, or an IPv6 address without brackets.
    static func isHost(_ text: String) -> Bool {
        let isIPv6 = text.contains("::") || text.split(separator: ":", omittingEmptySubsequences: false).count == 8
        guard isIPv6 || !text.contains(":") else { return false }
        return !text.isEmpty && text.utf8.count <= 253
            && text.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789.-:%".unicodeScalars.contains($0))
            }
    }
}

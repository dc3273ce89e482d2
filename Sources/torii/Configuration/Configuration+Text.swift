import Gateway
import Inference
import Providers

extension Configuration {
    /// The effective configuration as YAML: every value that counts, built-in ones too, with all secrets masked.
    func text(origins: Bool) -> String {
        var yaml = YAMLText()
        yaml.add("providers", providers.isEmpty ? "[]" : "", depth: 0)
        for provider in providers { provider.write(to: &yaml, style: .effective) }
        if let defaultProvider {
            yaml.add(
                "default_provider",
                YAMLText.scalar(defaultProvider.value),
                depth: 0,
                origin: defaultProvider.origin
            )
        }
        if let preference {
            yaml.add("default_preference", preference.value.rawValue, depth: 0, origin: preference.origin)
        }
        server.write(to: &yaml)
        budgets.write(to: &yaml)
        RouteConfiguration.write(routes, to: &yaml)
        AliasConfiguration.write(aliases, to: &yaml)
        ModelConfiguration.write(models, to: &yaml)
        prices.write(to: &yaml)
        return yaml.text(origins: origins)
    }

    /// The providers as a configuration file's text: only what was given.
    ///
    /// With `revealsSecrets` keys that stand in the source itself are written; else they are masked.
    func fileText(revealsSecrets: Bool) -> String {
        var yaml = YAMLText()
        yaml.add("providers", providers.isEmpty ? "[]" : "", depth: 0)
        for provider in providers { provider.write(to: &yaml, style: .file(revealsSecrets: revealsSecrets)) }
        if let defaultProvider {
            yaml.add("default_provider", YAMLText.scalar(defaultProvider.value), depth: 0)
        }
        return yaml.text(origins: false)
    }
}

extension ProviderConfiguration {
    /// How much of a provider is written.
    enum TextStyle {
        /// All values, built-in ones too, secrets masked.
        case effective
        /// What was given, as a file has it.
        case file(revealsSecrets: Bool)

        var isEffective: Bool {
            if case .effective = self { true } else { false }
        }

        func text(_ reference: SecretReference) -> String {
            if case .file(true) = self, case .literal(let secret) = reference { return secret.reveal() }
            return reference.shown
        }
    }

    /// Writes the provider as an element of `providers`.
    func write(to yaml: inout YAMLText, style: TextStyle) {
        yaml.add(element: "name: \(YAMLText.scalar(name.value))", depth: 1, origin: name.origin)
        yaml.add("base_url", YAMLText.scalar(address.value.description), depth: 2, origin: address.origin)
        if let apiKey {
            yaml.add("api_key", YAMLText.scalar(style.text(apiKey.value)), depth: 2, origin: apiKey.origin)
        }
        if !apiKeys.isEmpty { yaml.add("api_keys", "", depth: 2) }
        for key in apiKeys {
            yaml.add(element: YAMLText.scalar(style.text(key.value)), depth: 3, origin: key.origin)
        }
        if let model { yaml.add("model", YAMLText.scalar(model.value), depth: 2, origin: model.origin) }
        if dialect != nil || style.isEffective {
            yaml.add("dialect", dialect?.value.rawValue ?? "auto", depth: 2, origin: dialect?.origin ?? .builtIn)
        }
        if authentication != nil || style.isEffective {
            yaml.add("auth", effectiveAuthentication.rawValue, depth: 2, origin: authentication?.origin ?? .builtIn)
        }
        if !headers.isEmpty { yaml.add("headers", "", depth: 2) }
        for header in headers {
            let value = YAMLText.scalar(style.text(header.value.value))
            yaml.add(YAMLText.scalar(header.name), value, depth: 3, origin: header.value.origin)
        }
        writeTimeouts(to: &yaml, style: style)
        writeLimits(to: &yaml)
        if let caFile { yaml.add("ca_file", YAMLText.scalar(caFile.value), depth: 2, origin: caFile.origin) }
        if let tags { yaml.add("tags", YAMLText.list(tags.value), depth: 2, origin: tags.origin) }
        if let numCtx { yaml.add("num_ctx", String(numCtx.value), depth: 2, origin: numCtx.origin) }
        if let keepsResponses {
            yaml.add("keeps_responses", String(keepsResponses.value), depth: 2, origin: keepsResponses.origin)
        }
    }

    private func writeTimeouts(to yaml: inout YAMLText, style: TextStyle) {
        let all = [
            ("connect", connectTimeout, timeouts.connect), ("first_byte", firstByteTimeout, timeouts.firstByte),
            ("idle", idleTimeout, timeouts.idle), ("total", totalTimeout, timeouts.total),
        ]
        let written = all.filter { style.isEffective || $0.1 != nil }
        if !written.isEmpty { yaml.add("timeouts", "", depth: 2) }
        for (key, setting, value) in written {
            yaml.add(key, Quantity.text(value), depth: 3, origin: setting?.origin ?? .builtIn)
        }
    }
}

extension ServerConfiguration {
    fileprivate func write(to yaml: inout YAMLText) {
        yaml.add("server", "", depth: 0)
        yaml.add("host", YAMLText.scalar(host.value), depth: 1, origin: host.origin)
        yaml.add("port", String(port.value), depth: 1, origin: port.origin)
        yaml.add("admin_host", YAMLText.scalar(adminHost.value), depth: 1, origin: adminHost.origin)
        yaml.add("admin_port", String(adminPort.value), depth: 1, origin: adminPort.origin)
        yaml.add("keys", keys.isEmpty ? "[]" : "", depth: 1, origin: keys.isEmpty ? .builtIn : nil)
        for key in keys { yaml.add(element: YAMLText.scalar(key.value.shown), depth: 2, origin: key.origin) }
        yaml.add("allowed_hosts", YAMLText.list(allowedHosts.value), depth: 1, origin: allowedHosts.origin)
        for (key, path) in [("tls_cert", tlsCertificate), ("tls_key", tlsKey)] {
            if let path { yaml.add(key, YAMLText.scalar(path.value), depth: 1, origin: path.origin) }
        }
        clientCertificates?.write(to: &yaml)
        TokenConfiguration.write(tokens, to: &yaml)
        if let threads { yaml.add("threads", String(threads.value), depth: 1, origin: threads.origin) }
        if let allowsPull { yaml.add("allow_pull", String(allowsPull.value), depth: 1, origin: allowsPull.origin) }
        writeWebSocket(to: &yaml)
        let waits = [("head_delay", streamHeadDelay), ("keep_alive", streamKeepAlive)]
        if waits.contains(where: { $0.1 != nil }) { yaml.add("streams", "", depth: 1) }
        for case (let key, let wait?) in waits {
            yaml.add(key, Quantity.text(wait.value), depth: 2, origin: wait.origin)
        }
        attempts.write(to: &yaml, depth: 1)
        writeState(to: &yaml)
        metering.write(to: &yaml)
        masking.write(to: &yaml)
        capture.write(to: &yaml)
        metrics.write(to: &yaml)
        yaml.add("log", "", depth: 1)
        yaml.add("format", logFormat.value.rawValue, depth: 2, origin: logFormat.origin)
        yaml.add("level", logLevel.value.rawValue, depth: 2, origin: logLevel.origin)
        limits.write(to: &yaml)
        writeOverload(to: &yaml)
    }

    private func writeOverload(to yaml: inout YAMLText) {
        guard loopLag != nil || memory != nil else { return }
        yaml.add("overload", "", depth: 1)
        if let loopLag {
            yaml.add("loop_lag", Self.text(loopLag.value) { Quantity.text($0) }, depth: 2, origin: loopLag.origin)
        }
        if let memory {
            yaml.add("memory", Self.text(memory.value) { Quantity.text(bytes: $0) }, depth: 2, origin: memory.origin)
        }
    }

    private static func text<Value>(_ bound: Bound<Value>, _ text: (Value) -> String) -> String {
        switch bound {
        case .off: YAMLText.scalar("off")
        case .at(let value): text(value)
        case .share(let percent): YAMLText.scalar("\(percent)%")
        }
    }

    private func writeState(to yaml: inout YAMLText) {
        let lines: [(String, String, ValueOrigin)] = [
            stateFile.map { ("file", YAMLText.scalar($0.value), $0.origin) },
            stateTTL.map { ("ttl", Quantity.text($0.value), $0.origin) },
            stateBytes.map { ("max_bytes", Quantity.text(bytes: $0.value), $0.origin) },
            stateKey.map { ("key", YAMLText.scalar($0.value.shown), $0.origin) },
        ].compactMap(\.self)
        if !lines.isEmpty { yaml.add("state", "", depth: 1) }
        for (key, value, origin) in lines { yaml.add(key, value, depth: 2, origin: origin) }
    }
}

extension ServerConfiguration.Limits {
    fileprivate func write(to yaml: inout YAMLText) {
        let sizes = [
            ("body", body), ("bodies_in_memory", bodiesInMemory), ("event", event), ("response", response),
            ("held_response", heldResponse), ("field_bytes", fieldBytes),
        ]
        let counts = [("fields", fields), ("connections", connections)]
        let waits = [
            ("head_timeout", headTimeout), ("body_timeout", bodyTimeout), ("keep_alive_timeout", keepAliveTimeout),
            ("write_timeout", writeTimeout), ("drain_timeout", drainTimeout),
        ]
        let lines =
            sizes.compactMap { key, size in size.map { (key, Quantity.text(bytes: $0.value), $0.origin) } }
            + counts.compactMap { key, count in count.map { (key, String($0.value), $0.origin) } }
            + waits.compactMap { key, wait in wait.map { (key, Quantity.text($0.value), $0.origin) } }
            + admission.lines
        if !lines.isEmpty { yaml.add("limits", "", depth: 1) }
        for (key, value, origin) in lines { yaml.add(key, value, depth: 2, origin: origin) }
    }
}

extension ServerConfiguration {
    fileprivate func writeWebSocket(to yaml: inout YAMLText) {
        let waits = [("idle_timeout", webSocketIdleTimeout), ("max_age", webSocketMaximumAge)]
        guard servesWebSocket != nil || waits.contains(where: { $0.1 != nil }) else { return }
        yaml.add("websocket", "", depth: 1)
        if let servesWebSocket {
            yaml.add("enabled", String(servesWebSocket.value), depth: 2, origin: servesWebSocket.origin)
        }
        for case (let key, let wait?) in waits {
            yaml.add(key, Quantity.text(wait.value), depth: 2, origin: wait.origin)
        }
    }
}

import Gateway
import Providers

extension TokenConfiguration {
    /// Reads one element of `server.tokens`; nil where it cannot be one, which is in the findings then.
    static func read(_ node: ConfigurationNode, index: Int, context: ReadingContext) -> TokenConfiguration? {
        let path = "server.tokens[\(index)]"
        guard let reader = MappingReader(element: node, path: path, context: context) else { return nil }
        guard let issuer = issuer(reader) else { return nil }
        var token = TokenConfiguration(position: reader.position, issuer: issuer)
        token.audiences = reader.claimTexts("audience")
        if token.audiences.isEmpty, reader.node("audience") == nil {
            reader.findings.add(
                .missingKey,
                "\(path) has no audience",
                at: reader.position,
                nextStep: "Say what a token's aud has to be, so that one for another service opens nothing here."
            )
        }
        token.caFile = reader.path("ca_file", context: context)
        token.readKeyPlace(reader, context)
        token.algorithms = reader.words("algorithms")?.compactMap { reader.algorithm($0) }
        if let node = reader.node("algorithms"), case .sequence(let elements) = node.content, elements.isEmpty {
            token.algorithms = reader.refuse("algorithms", node, "is empty, so that no token could be good")
        }
        token.readTimes(reader)
        if let claims = reader.mapping("claims") {
            token.tenantClaim = claims.claimText("tenant")
            token.userClaim = claims.claimText("user")
            token.roleClaim = claims.claimText("role")
        }
        token.rules = IdentityRuleConfiguration.read(reader, subject: "claim", context: context)
        token.checkTenant(reader)
        return token
    }

    private static func issuer(_ reader: MappingReader) -> Setting<String>? {
        guard let node = reader.node("issuer") else {
            reader.findings.add(
                .missingKey,
                "\(reader.path) has no issuer",
                at: reader.position,
                nextStep: "Give the text that its tokens have as iss."
            )
            return nil
        }
        guard let issuer = reader.claimText("issuer") else { return nil }
        guard issuer.value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
            return reader.refuse("issuer", node, "holds a blank, a # or what is not ASCII")
        }
        return issuer
    }

    private mutating func readKeyPlace(_ reader: MappingReader, _ context: ReadingContext) {
        keyFile = reader.path("jwks_file", context: context)
        if let node = reader.node("jwks_url"), let text = reader.text("jwks_url") {
            guard keyFile == nil else {
                reader.findings.add(.conflict, "\(reader.path) has both a jwks_url and a jwks_file", at: node.position)
                return
            }
            do throws(BaseURL.Problem) {
                keyAddress = Setting(try KeyAddress(text.value), text.origin)
            } catch {
                let _: Setting<KeyAddress>? = reader.refuse("jwks_url", node, error.reason)
            }
            return
        }
        guard keyFile == nil, reader.node("jwks_file") == nil, let node = reader.node("issuer") else { return }
        do throws(BaseURL.Problem) {
            discovery = try KeyAddress(issuer.value).discovery()
        } catch {
            let _: Setting<String>? = reader.refuse(
                "issuer",
                node,
                error.reason,
                "Only an issuer with an https address tells where its keys are. Give jwks_url or jwks_file."
            )
        }
    }

    private mutating func readTimes(_ reader: MappingReader) {
        leeway = reader.duration("leeway")
        if let leeway, leeway.value > TokenIssuer.longestLeeway, let node = reader.node("leeway") {
            self.leeway = reader.refuse("leeway", node, "is more than 60s", "Set the clocks instead.")
        }
        refresh = reader.duration("refresh")
        if let refresh, refresh.value < .seconds(1), let node = reader.node("refresh") {
            self.refresh = reader.refuse("refresh", node, "is less than 1s")
        }
        stale = reader.duration("max_stale")
        let interval = refresh?.value ?? TokenIssuer.usualRefresh
        if let stale, stale.value < interval, let node = reader.node("max_stale") {
            self.stale = reader.refuse(
                "max_stale",
                node,
                "is less than refresh, so that keys would not last to the next"
            )
        }
    }

    /// Somebody has to belong to some tenant.
    private func checkTenant(_ reader: MappingReader) {
        guard tenantClaim == nil, !rules.contains(where: { $0.tenant != nil || $0.role?.value == .operator }) else {
            return
        }
        guard reader.node("rules") == nil || !rules.isEmpty else { return }
        reader.findings.add(
            .missingKey,
            "\(reader.path) says nowhere which tenant its tokens belong to",
            at: reader.position,
            nextStep: "Name a claim, claims: {tenant: org}, or a tenant in a rule, rules: [{tenant: NAME}]."
        )
    }
}

extension IdentityRuleConfiguration {
    /// Reads `rules`; `subject` is the key that says what of a token or a certificate a rule looks at.
    static func read(_ reader: MappingReader, subject: String, context: ReadingContext) -> [IdentityRuleConfiguration] {
        (reader.elements("rules") ?? []).enumerated().compactMap { index, element in
            let path = reader.name(of: "rules[\(index)]")
            guard let mapping = MappingReader(element: element, path: path, context: context) else { return nil }
            return read(mapping, subject)
        }
    }

    private static func read(_ reader: MappingReader, _ subject: String) -> IdentityRuleConfiguration? {
        var rule = IdentityRuleConfiguration()
        rule.subject = reader.claimText(subject)
        if let node = reader.node("value"), let text = reader.claimText("value") {
            rule.value = text
            if reader.node(subject) == nil {
                return reader.refuse("value", node, "has nothing to be compared with", "Add \(subject).")
            }
        }
        rule.tenant = reader.claimText("tenant")
        rule.role = reader.choice("role")
        guard rule.tenant != nil || rule.role != nil || reader.node("tenant") != nil || reader.node("role") != nil
        else {
            reader.findings.add(
                .missingKey,
                "\(reader.path) says neither a tenant nor a role",
                at: reader.position,
                nextStep: "Give one of the two, or both."
            )
            return nil
        }
        // A rule that holds for everybody, or for whoever has any value at all, must not make everybody an operator.
        if rule.role?.value == .operator,
            rule.subject == nil || rule.value.map({ ModelPattern($0.value).weight == 0 }) ?? true,
            let node = reader.node("role")
        {
            return reader.refuse("role", node, "makes an operator of everybody", "Say \(subject) and a value.")
        }
        return rule
    }
}

extension ClientCertificateConfiguration {
    /// Reads `server.client_certificates`.
    static func read(_ reader: MappingReader, context: ReadingContext) -> ClientCertificateConfiguration {
        var clients = ClientCertificateConfiguration()
        clients.authorityFile = reader.path("ca", context: context)
        clients.isRequired = reader.boolean("required")
        clients.rules = IdentityRuleConfiguration.read(reader, subject: "name", context: context).filter { rule in
            guard let subject = rule.subject else {
                reader.findings.add(
                    .missingKey,
                    "\(reader.path) has a rule without a name",
                    at: reader.position,
                    nextStep:
                        "Say which of a certificate's names it looks at: \(ClientCertificateSettings.kinds.joined(separator: ", "))."
                )
                return false
            }
            let kind = reader.choice(subject, key: "rules[].name", of: ClientCertificateSettings.kinds) { $0 }
            guard kind != nil else { return false }
            guard rule.tenant != nil || rule.role?.value == .operator else {
                reader.findings.add(
                    .missingKey,
                    "\(reader.path) has a rule without a tenant",
                    at: subject.origin.position,
                    nextStep: "Only an operator belongs to none."
                )
                return false
            }
            return true
        }
        return clients
    }
}

extension MappingReader {
    /// One line of text that is neither empty nor longer than anything that it will be compared with.
    fileprivate func claimText(_ key: String) -> Setting<String>? {
        guard let node = node(key), let text = text(key) else { return nil }
        guard (1...256).contains(text.value.utf8.count) else {
            return refuse(key, node, "has to be a text of 1 to 256 bytes")
        }
        return text
    }

    /// The same for a list, or one text in its place.
    fileprivate func claimTexts(_ key: String) -> [Setting<String>] {
        (words(key) ?? []).filter { word in
            guard (1...256).contains(word.value.utf8.count) else {
                findings.add(
                    .badValue,
                    "\(name(of: key)) has to be texts of 1 to 256 bytes",
                    at: word.origin.position
                )
                return false
            }
            return true
        }
    }

    /// An algorithm as tokens write it; those with a shared secret, and none at all, are refused by name.
    fileprivate func algorithm(_ word: Setting<String>) -> Setting<TokenAlgorithm>? {
        if let found = TokenAlgorithm.allCases.first(where: { $0.rawValue.lowercased() == word.value.lowercased() }) {
            return word.map { _ in found }
        }
        let name = word.value.uppercased()
        let isUnsafe = name.hasPrefix("HS") || name == "NONE"
        findings.add(
            .badValue,
            "\(self.name(of: "algorithms")) has \(word.value), "
                + (isUnsafe ? "with which whoever can check a token can also make one" : "which is not known"),
            at: word.origin.position,
            nextStep: "There are \(TokenAlgorithm.allCases.map(\.rawValue).joined(separator: ", "))."
        )
        return nil
    }
}

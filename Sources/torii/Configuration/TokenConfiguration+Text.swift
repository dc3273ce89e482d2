import Gateway
import Providers

extension TokenConfiguration {
    /// Writes all issuers as the list `tokens` of the server.
    static func write(_ tokens: [TokenConfiguration], to yaml: inout YAMLText) {
        if !tokens.isEmpty { yaml.add("tokens", "", depth: 1) }
        for token in tokens { token.write(to: &yaml) }
    }

    private func write(to yaml: inout YAMLText) {
        yaml.add(element: "issuer: \(YAMLText.scalar(issuer.value))", depth: 2, origin: issuer.origin)
        yaml.add("audience", YAMLText.list(audiences.map(\.value)), depth: 3, origin: audiences.first?.origin)
        let texts = [
            ("jwks_url", keyAddress.map { $0.map(\.description) }), ("jwks_file", keyFile), ("ca_file", caFile),
        ]
        for case (let key, let text?) in texts {
            yaml.add(key, YAMLText.scalar(text.value), depth: 3, origin: text.origin)
        }
        let algorithms = algorithms?.map { $0.map(\.rawValue) } ?? TokenAlgorithm.usual.map { Setting($0.rawValue) }
        yaml.add("algorithms", YAMLText.list(algorithms.map(\.value)), depth: 3, origin: algorithms.first?.origin)
        let times = [
            ("leeway", leeway ?? Setting(TokenIssuer.usualLeeway)),
            ("refresh", refresh ?? Setting(TokenIssuer.usualRefresh)),
            ("max_stale", stale ?? Setting(TokenIssuer.usualStale)),
        ]
        for (key, time) in times { yaml.add(key, Quantity.text(time.value), depth: 3, origin: time.origin) }
        yaml.add("claims", "", depth: 3)
        for case (let key, let claim?) in [
            ("tenant", tenantClaim), ("user", userClaim ?? Setting("sub")), ("role", roleClaim),
        ] {
            yaml.add(key, YAMLText.scalar(claim.value), depth: 4, origin: claim.origin)
        }
        IdentityRuleConfiguration.write(rules, subject: "claim", to: &yaml, depth: 3)
    }
}

extension ClientCertificateConfiguration {
    /// Writes `client_certificates` of the server.
    func write(to yaml: inout YAMLText) {
        yaml.add("client_certificates", "", depth: 1)
        if let authorityFile {
            yaml.add("ca", YAMLText.scalar(authorityFile.value), depth: 2, origin: authorityFile.origin)
        }
        yaml.add("required", String(isRequired?.value ?? false), depth: 2, origin: isRequired?.origin ?? .builtIn)
        IdentityRuleConfiguration.write(rules, subject: "name", to: &yaml, depth: 2)
    }
}

extension IdentityRuleConfiguration {
    fileprivate static func write(
        _ rules: [IdentityRuleConfiguration],
        subject: String,
        to yaml: inout YAMLText,
        depth: Int
    ) {
        if !rules.isEmpty { yaml.add("rules", "", depth: depth) }
        for rule in rules {
            let lines: [(String, Setting<String>?)] = [
                (subject, rule.subject), ("value", rule.value), ("tenant", rule.tenant),
                ("role", rule.role.map { $0.map(\.rawValue) }),
            ]
            for (place, (key, text)) in lines.filter({ $0.1 != nil }).enumerated() {
                guard let text else { continue }
                let value = YAMLText.scalar(text.value)
                if place == 0 {
                    yaml.add(element: "\(key): \(value)", depth: depth + 1, origin: text.origin)
                } else {
                    yaml.add(key, value, depth: depth + 2, origin: text.origin)
                }
            }
        }
    }
}

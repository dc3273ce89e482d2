import Gateway
import Providers

/// One element of `server.tokens`: an issuer whose signed tokens count as keys.
struct TokenConfiguration: Sendable {
    var position: SourcePosition
    var issuer: Setting<String>
    var audiences: [Setting<String>] = []
    /// One of them, or neither, and then the issuer's own document says where its keys are.
    var keyAddress: Setting<KeyAddress>?
    var keyFile: Setting<String>?
    /// Where the issuer's own document is.
    var discovery: KeyAddress?
    var caFile: Setting<String>?
    var algorithms: [Setting<TokenAlgorithm>]?
    var leeway: Setting<Duration>?
    var refresh: Setting<Duration>?
    var stale: Setting<Duration>?
    var tenantClaim: Setting<String>?
    var userClaim: Setting<String>?
    var roleClaim: Setting<String>?
    var rules: [IdentityRuleConfiguration] = []

    /// The issuer as the gateway takes it.
    var settings: TokenIssuer {
        var place = TokenIssuer.KeyPlace.file(keyFile?.value ?? "")
        if let address = keyAddress?.value {
            place = .address(address)
        } else if let discovery {
            place = .discovery(discovery)
        }
        return TokenIssuer(
            issuer: issuer.value,
            audiences: audiences.map(\.value),
            keys: place,
            caFile: caFile?.value,
            algorithms: algorithms?.map(\.value) ?? TokenAlgorithm.usual,
            leeway: leeway?.value ?? TokenIssuer.usualLeeway,
            refresh: refresh?.value ?? TokenIssuer.usualRefresh,
            stale: stale?.value ?? TokenIssuer.usualStale,
            claims: TokenIssuer.Claims(
                tenant: tenantClaim?.value,
                user: userClaim?.value ?? "sub",
                role: roleClaim?.value
            ),
            rules: rules.map(\.rule)
        )
    }
}

/// One element of `rules`, of an issuer or of client certificates.
struct IdentityRuleConfiguration: Sendable {
    /// The claim, or the kind of a certificate's names.
    var subject: Setting<String>?
    var value: Setting<String>?
    var tenant: Setting<String>?
    var role: Setting<Role>?

    var rule: IdentityRule {
        IdentityRule(
            subject: subject?.value,
            value: value?.value ?? "*",
            tenant: tenant?.value,
            role: role?.value
        )
    }
}

/// `server.client_certificates`.
struct ClientCertificateConfiguration: Sendable {
    var authorityFile: Setting<String>?
    var isRequired: Setting<Bool>?
    var rules: [IdentityRuleConfiguration] = []

    /// What the gateway takes; nil without authorities.
    var settings: ClientCertificateSettings? {
        authorityFile.map {
            ClientCertificateSettings(
                authorityFile: $0.value,
                isRequired: isRequired?.value ?? false,
                rules: rules.map(\.rule)
            )
        }
    }
}

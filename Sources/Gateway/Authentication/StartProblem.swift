import Providers

/// Why the gateway refuses to start with these settings.
package struct StartProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong and what to do about it.
    package let description: String

    /// Checks what would open the gateway to strangers, or shut it to everybody.
    ///
    /// `hasIdentities` says whether callers can have keys of the store, or will.
    static func check(_ settings: GatewaySettings, hasIdentities: Bool = false) throws(StartProblem) {
        if settings.clientKeys.contains(where: \.isEmpty) {
            throw StartProblem(
                description:
                    "server.keys holds an empty key, which would let everybody in. Remove it or give it a value."
            )
        }
        guard !hasIdentities, settings.needsKey, settings.clientKeys.isEmpty, settings.tokens.isEmpty,
            settings.clientCertificates?.rules.isEmpty ?? true
        else { return }
        throw StartProblem(
            description: """
                Listening on \(settings.host) without a client key would let everybody use your providers' keys. \
                Set server.keys, or listen on 127.0.0.1, or pass --insecure-no-auth on a network that you trust.
                """
        )
    }
}

extension GatewaySettings {
    /// Whether nobody is served without a key, even if there is none.
    var needsKey: Bool { !Loopback.isLoopback(host) && !allowsAnonymousAnywhere }
}

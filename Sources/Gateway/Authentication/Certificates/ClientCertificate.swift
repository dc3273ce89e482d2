import NIOCore
import NIOSSL
import Providers

/// What a client's certificate says of who has its key; the handshake has checked that one of the authorities signed it.
final class ClientCertificate: Sendable {
    /// A kind of names that a certificate holds, in the words of the configuration.
    enum NameKind: String, Sendable, Hashable, CaseIterable {
        case uri, dns, email
        /// The common name of the subject.
        case commonName = "cn"
    }

    private let names: [NameKind: [String]]
    /// Milliseconds since 1970.
    private let expiresAt: Int

    init(names: [NameKind: [String]], expiresAt: Int) {
        self.names = names
        self.expiresAt = expiresAt
    }

    /// Whether it has not expired since the handshake; a connection may last longer than it.
    func isTimely(_ now: Int) -> Bool { now < expiresAt }

    /// For whom it stands, by the first rule that one of its names fits; nil where none does.
    func identity(by rules: [IdentityRule]) -> OutsideIdentity? {
        for rule in rules {
            guard let kind = rule.subject.flatMap(NameKind.init),
                let name = names[kind]?.first(where: { rule.value.matches($0) })
            else { continue }
            let role = rule.role ?? .member
            return OutsideIdentity(
                tenant: role == .operator ? nil : rule.tenant,
                user: name,
                name: "certificate:\(kind.rawValue):\(name)",
                label: name,
                role: role,
                // The administration's listener sees no certificates.
                scopes: Set(role.usualScopes).intersection([.models])
            )
        }
        return nil
    }
}

extension ClientCertificate {
    /// The one that a connection's client has shown; nil for none.
    static func presented(in pipeline: ChannelPipeline.SynchronousOperations) -> ClientCertificate? {
        // Without TLS there is no handler that could know of one.
        (try? pipeline.nioSSL_peerCertificate()).flatMap { $0 }.map { ClientCertificate($0) }
    }

    private convenience init(_ certificate: NIOSSLCertificate) {
        var names: [NameKind: [String]] = [:]
        for name in certificate._subjectAlternativeNames() {
            let kind: NameKind? =
                switch name.nameType {
                case .uri: .uri
                case .dnsName: .dns
                case .email: .email
                default: nil
                }
            if let kind, let text = Self.text(Array(name.contents)) { names[kind, default: []].append(text) }
        }
        for part in certificate.subjectName where part.type == .commonName {
            if let text = Self.text(Array(part.value.utf8)) { names[.commonName, default: []].append(text) }
        }
        self.init(names: names, expiresAt: Int(certificate.notValidAfter) * 1_000)
    }

    /// A name as one line; none is made of bytes that end it early elsewhere, or are no text.
    private static func text(_ bytes: [UInt8]) -> String? {
        guard (1...512).contains(bytes.count), bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}

/// Whose certificates clients may show, or have to.
package struct ClientCertificateSettings: Sendable, Hashable {
    /// A PEM file with the authorities.
    package var authorityFile: String
    /// Whether nobody without one is let in.
    package var isRequired: Bool
    /// What their names say; each rule's subject is one of `kinds`.
    package var rules: [IdentityRule]

    package init(authorityFile: String, isRequired: Bool = false, rules: [IdentityRule] = []) {
        self.authorityFile = authorityFile
        self.isRequired = isRequired
        self.rules = rules
    }

    /// What a rule can look at.
    package static let kinds = ClientCertificate.NameKind.allCases.map(\.rawValue)
}

import NIOSSL

/// The certificates that the tests have, each with one thing wrong with it or nothing; see `Tests/Certificates`.
package enum TestCertificate: String, Sendable, CaseIterable {
    /// For localhost, 127.0.0.1 and ::1, by the tests' own root.
    case valid
    case expired
    /// For another host's name.
    case wrongHost = "wrong-host"
    /// Vouched for by nobody.
    case selfSigned = "self-signed"

    /// What a client shows, by the clients' own root but for the last; `Tests/Certificates/make-clients.sh` makes them.
    package enum Client: String, Sendable, CaseIterable {
        /// With a name of each kind.
        case acme = "client-acme"
        case other = "client-other"
        /// With names that no rule of the tests knows.
        case unknown = "client-unknown"
        case expired = "client-expired"
        /// Not valid for a hundred years.
        case early = "client-early"
        /// For servers alone.
        case server = "client-server"
        /// Vouched for by another root.
        case foreign = "valid"
        /// Vouched for by nobody.
        case selfSigned = "self-signed"

        package var file: String { TestCertificate.path(rawValue) }
    }

    /// The PEM file of the root of clients.
    package static var clientRootFile: String { path("client-ca") }

    /// The PEM file of the root that vouches for all but the self-signed one.
    package static var rootFile: String { path("ca") }
    package static var keyFile: String { path("key") }
    package var file: String { Self.path(rawValue) }

    func serverContext() throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMFile(file).map { NIOSSLCertificateSource.certificate($0) }
        let key = try NIOSSLPrivateKey(file: Self.keyFile, format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain,
            privateKey: .privateKey(key)
        )
        configuration.applicationProtocols = ["http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }

    private static func path(_ name: String, here: String = #filePath) -> String {
        let parts = here.split(separator: "/").dropLast(2)
        return "/" + parts.joined(separator: "/") + "/Certificates/\(name).pem"
    }
}

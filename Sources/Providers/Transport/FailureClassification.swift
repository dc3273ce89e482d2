import NIOCore
import NIOExtras
import NIOPosix
import NIOSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What an error of the network libraries means; the one place that looks into them.
enum FailureClassification {
    /// A name that was not found or a socket that did not connect.
    static func connecting(_ error: any Error) -> TransportFailure {
        switch error {
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first { return connecting(first.error) }
            if let name = error.dnsAAAAError ?? error.dnsAError { return connecting(name) }
            return TransportFailure(.nameNotFound, "the name has no address")
        case let error as NameFailure:
            return TransportFailure(error.isTemporary ? .nameTimedOut : .nameNotFound, error.detail)
        case let error as IOError: return TransportFailure(kind(errno: error.errnoCode), words(error))
        case ChannelError.connectTimeout: return TransportFailure(.connectTimedOut, "the connect deadline passed")
        default: return TransportFailure(.unreachable, words(error))
        }
    }

    /// A proxy that did not open the tunnel.
    static func tunnelling(_ error: any Error) -> TransportFailure {
        guard let error = error as? NIOHTTP1ProxyConnectHandler.Error else {
            return TransportFailure(.proxy, words(error))
        }
        let words: String
        if error == .proxyAuthenticationRequired() {
            words = "the proxy wants other credentials (407)"
        } else if error == .remoteConnectionClosed() || error == .noResult() || error == .channelUnexpectedlyInactive()
        {
            words = "the proxy closed the connection instead of opening a tunnel"
        } else {
            words = "the proxy refused to open a tunnel"
        }
        return TransportFailure(.proxy, words)
    }

    /// A handshake that failed; `certificate` is what the peer showed, as far as the handshake came.
    static func securing(_ error: any Error, certificate: NIOSSLCertificate?) -> TransportFailure {
        if let error = error as? NIOSSLExtraError,
            error == .failedToValidateHostname || error == .serverHostnameImpossibleToMatch
        {
            return TransportFailure(.certificateWrongHost, "the certificate is for another host")
        }
        switch error {
        case NIOSSLError.unableToValidateCertificate:
            return TransportFailure(.certificateWrongHost, "the certificate is for another host")
        case NIOSSLError.handshakeFailed(.sslError(let stack))
        where stack.contains(where: { $0.description.contains("CERTIFICATE_VERIFY_FAILED") }):
            return untrusted(certificate)
        case ChannelError.eof:
            return TransportFailure(.tls, "the peer closed the connection in the handshake")
        default: return TransportFailure(.tls, words(error))
        }
    }

    /// Roots that could not be loaded.
    static func badRoots(_ caFile: String?) -> TransportFailure {
        TransportFailure(.tls, caFile.map { "no certificate could be read from \($0)" } ?? "the system has no roots")
    }

    /// What broke an established connection; nil means no more than that it ended.
    static func kind(reading error: any Error) -> TransportFailure.Kind? {
        switch error {
        case HTTPSyntaxError.headTooLarge: .responseTooLarge
        case is HTTPSyntaxError: .notHTTP
        default: nil
        }
    }

    /// The system's words for an error.
    static func words(_ error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case NIOSSLError.uncleanShutdown: "the TLS connection was cut off"
        case NIOSSLError.handshakeFailed(.sslError(let stack)): stack.first.map(reason) ?? "the handshake failed"
        default: String(describing: error)
        }
    }

    /// BoringSSL's own word for what went wrong, without its file and line.
    private static func reason(_ error: BoringSSLInternalError) -> String {
        let parts = error.description.split(separator: ":")
        return parts.last { !$0.contains("/") && Int($0) == nil }.map { String($0.prefix { $0 != " " }) }
            ?? error.description
    }

    private static func untrusted(_ certificate: NIOSSLCertificate?) -> TransportFailure {
        let now = time(nil)
        if let certificate, now > certificate.notValidAfter || now < certificate.notValidBefore {
            return TransportFailure(.certificateExpired, "the certificate is outside its dates")
        }
        return TransportFailure(.certificateUntrusted, "no trusted root vouches for the certificate")
    }

    private static func kind(errno code: CInt) -> TransportFailure.Kind {
        switch code {
        case ECONNREFUSED: .refused
        case ETIMEDOUT: .connectTimedOut
        default: .unreachable
        }
    }
}

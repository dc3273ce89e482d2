import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Tells whether somebody listens on an address already.
///
/// Sockets that share their address with each other would share it with another gateway's as well, and each would get a
/// part of the connections; one that does not want to share learns of the other.
enum AddressProbe {
    /// The option by which sockets share an address.
    static let sharing = NIOBSDSocket.Option(rawValue: SO_REUSEPORT)

    /// Binds to the address and lets go of it.
    ///
    /// - Throws: `IOError` with what the system says, `EADDRINUSE` for instance.
    static func checkIsFree(_ address: SocketAddress) throws {
        let probe = socket(CInt(address.protocol.rawValue), streamType, 0)
        guard probe >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        defer { close(probe) }
        var on: CInt = 1
        setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<CInt>.size))
        guard address.withSockAddr({ bind(probe, $0, socklen_t($1)) }) == 0 else {
            throw IOError(errnoCode: errno, reason: "bind(\(address))")
        }
    }

    private static var streamType: CInt {
        #if canImport(Glibc)
        CInt(SOCK_STREAM.rawValue)
        #else
        SOCK_STREAM
        #endif
    }
}

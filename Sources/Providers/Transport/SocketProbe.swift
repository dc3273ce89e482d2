import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Asks the system whether an idle connection is still what it was.
enum SocketProbe {
    /// The channel's socket; valid for as long as the channel is active.
    static func descriptor(of channel: any Channel) -> NIOBSDSocket.Handle? {
        // A channel without a socket (in tests) has nothing to probe.
        try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { $0 }
    }

    /// Whether the peer has neither closed nor sent anything.
    static func isQuiet(_ descriptor: NIOBSDSocket.Handle) -> Bool {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, CInt(MSG_PEEK) | CInt(MSG_DONTWAIT))
        return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
    }
}

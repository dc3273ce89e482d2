#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A port of 127.0.0.1 that refuses connections, and that nobody else gets as long as this lives.
package final class ClosedPort: Sendable {
    package let port: Int
    private let descriptor: Int32

    /// Binds a socket that never listens, to a port of the system's choice or to one that was just given up.
    package init(port wanted: Int = 0) throws {
        #if canImport(Glibc)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(wanted).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // Connections that just ended on a port keep it from being bound otherwise; nobody shall share it afterwards.
        Self.setReuse(descriptor, wanted != 0)
        defer { Self.setReuse(descriptor, false) }
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
            }
        }
        self.descriptor = descriptor
        port = Int(UInt16(bigEndian: address.sin_port))
        guard bound else { throw ScriptedUpstreamError.noPort }
    }

    deinit { close(descriptor) }

    private static func setReuse(_ descriptor: Int32, _ reuses: Bool) {
        var value: Int32 = reuses ? 1 : 0
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}

import NIOCore

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Some addresses from which a key may be used: one, or those that share so many leading bits (`10.0.0.0/8`).
package struct AddressRange: Sendable, Hashable {
    private let base: [UInt8]
    private let bits: Int

    /// Reads an address with an optional length; nil for anything else, and for a length that leaves bits over.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count <= 2, let bytes = Self.bytes(of: String(first)) else { return nil }
        var bits = bytes.count * 8
        if parts.count == 2 {
            guard let length = Int(parts[1]), "\(length)" == parts[1], (0...bits).contains(length) else { return nil }
            bits = length
        }
        base = bytes
        self.bits = bits
        guard (bits..<bytes.count * 8).allSatisfy({ bytes[$0 / 8] & (0x80 >> UInt8($0 % 8)) == 0 }) else { return nil }
    }

    /// Whether an address is among them; an IPv4 address that is written in IPv6 counts as what it is.
    func contains(_ address: SocketAddress) -> Bool {
        guard let plain = Self.plain(address), plain.count == base.count else { return false }
        return (0..<bits).allSatisfy { (plain[$0 / 8] ^ base[$0 / 8]) & (0x80 >> UInt8($0 % 8)) == 0 }
    }

    /// By what one peer is told from others: its address in IPv4, in IPv6 the 64 bits of its network.
    ///
    /// One host may have all addresses of such a network. Nil for what is no address of either.
    static func network(of address: SocketAddress) -> [UInt8]? {
        plain(address).map { $0.count == 16 ? Array($0.prefix(8)) : $0 }
    }

    private static func plain(_ address: SocketAddress) -> [UInt8]? {
        guard let text = address.ipAddress, let bytes = bytes(of: text) else { return nil }
        return bytes.count == 16 && bytes.starts(with: mapped) ? Array(bytes[12...]) : bytes
    }

    private static func bytes(of text: String) -> [UInt8]? {
        bytes(of: text, AF_INET, count: 4) ?? bytes(of: text, AF_INET6, count: 16)
    }

    private static func bytes(of text: String, _ family: Int32, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }

    private static let mapped: [UInt8] = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
}

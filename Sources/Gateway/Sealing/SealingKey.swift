import Crypto
import Providers

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What compactions are sealed with: 256 bits.
struct SealingKey: Sendable {
    let key: SymmetricKey

    /// One that no other process has, for a gateway whose state ends with it.
    static func fresh() -> SealingKey { SealingKey(key: SymmetricKey(size: .bits256)) }

    private init(key: SymmetricKey) { self.key = key }

    /// The key that a secret stands for, the same on every machine.
    init(_ secret: Secret) {
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Array(secret.reveal().utf8)),
            info: Array("torii compaction 1".utf8),
            outputByteCount: 32
        )
    }

    /// The key in a file, which is made with mode 0600 where it is missing.
    ///
    /// - Throws: where it can neither be read nor made, or is no key.
    init(file path: String) throws {
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try PrivateFolder.make(String(path[..<slash]))
        }
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            guard errno == EEXIST else { throw StoreFileProblem.system(errno) }
            self = try Self.existing(path)
            return
        }
        defer { close(descriptor) }
        let key = SymmetricKey(size: .bits256)
        let written = key.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard written == 32, fsync(descriptor) == 0 else { throw StoreFileProblem.system(errno) }
        self.init(key: key)
    }

    private static func existing(_ path: String) throws -> SealingKey {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreFileProblem.system(errno) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 33)
        let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        guard count == 32 else { throw StoreFileProblem.noKey }
        return SealingKey(key: SymmetricKey(data: bytes[..<32]))
    }
}

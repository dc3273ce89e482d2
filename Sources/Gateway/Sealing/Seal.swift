import Crypto
import Providers

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Hides a text so that only its owner gets it back through this gateway, and nobody can change it (AES-GCM).
struct Seal: Sendable {
    private let key: SealingKey

    init(_ key: SealingKey) { self.key = key }

    /// Whether a text looks like one that was sealed here.
    static func isOurs(_ text: String) -> Bool { text.utf8.starts(with: mark.utf8) }

    /// Seals a text for its owner; the result is plain ASCII.
    func close(_ text: String, for owner: Owner) -> String {
        do {
            let box = try AES.GCM.seal(Array(text.utf8), using: key.key, authenticating: Self.context(owner))
            guard let bytes = box.combined else {
                preconditionFailure("a nonce of the usual length has a combined form")
            }
            return Self.mark + bytes.base64EncodedString()
        } catch {
            preconditionFailure("a key of 256 bits seals every text: \(error)")
        }
    }

    /// The text again; nil if it is another owner's, was changed, or was sealed with another key.
    func open(_ text: String, for owner: Owner) -> String? {
        guard Self.isOurs(text), let bytes = Data(base64Encoded: String(text.dropFirst(Self.mark.count)))
        else { return nil }
        // What cannot be opened is what was not sealed for this owner; there is no other reason.
        guard let box = try? AES.GCM.SealedBox(combined: bytes),
            let plain = try? AES.GCM.open(box, using: key.key, authenticating: Self.context(owner))
        else { return nil }
        return String(validating: plain, as: UTF8.self)
    }

    /// What is authenticated beside the text.
    private static func context(_ owner: Owner) -> [UInt8] { Array("torii compaction 1\0\(owner.name)".utf8) }

    /// Tells our texts from those of others; the number is the form's version.
    private static let mark = "torii1."
}

extension Owner {
    /// The holder of a client key, by a digest that tells nothing of it.
    init(key: Secret) {
        let digest = SHA256.hash(data: Array("torii owner 1\0\(key.reveal())".utf8))
        self.init(name: "key:" + Data(digest.prefix(16)).base64EncodedString())
    }
}

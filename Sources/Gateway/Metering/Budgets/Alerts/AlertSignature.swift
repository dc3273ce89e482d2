import Crypto
import Providers

/// Proves that an alert comes from this gateway, and when: HMAC-SHA256 over the time, a dot and the body.
enum AlertSignature {
    static let field = "x-torii-signature"

    /// `t=SECONDS,v1=HEX`; a receiver computes the same, compares in constant time, and refuses what is minutes old.
    static func value(_ body: [UInt8], _ secret: Secret, at seconds: Int) -> String {
        var code = HMAC<SHA256>(key: SymmetricKey(data: Array(secret.reveal().utf8)))
        code.update(data: Array("\(seconds).".utf8))
        code.update(data: body)
        let hex = code.finalize().map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }
        return "t=\(seconds),v1=" + hex.joined()
    }
}

import Testing

@testable import Gateway

/// A text with one thing in it that has to be masked, and what becomes of the text.
struct MaskSample: Sendable, CustomTestStringConvertible {
    let kind: MaskKind
    let text: String
    let masked: String

    init(_ kind: MaskKind, _ text: String, _ masked: String) {
        (self.kind, self.text, self.masked) = (kind, text, masked)
    }

    var testDescription: String { text }

    static let key40 = "aB3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7cDe0f"
    static let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
    static let pem =
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA1234567890abcdef\n+/==\n-----END RSA PRIVATE KEY-----"

    static let found: [MaskSample] = [
        MaskSample(.email, "Write to ada.lovelace+x@example.co.uk.", "Write to [EMAIL_1]."),
        MaskSample(.email, "<a_b@x-y.example.com>", "<[EMAIL_1]>"),
        MaskSample(.email, "連絡先はtaro@example.jpです", "連絡先は[EMAIL_1]です"),
        MaskSample(.email, "-john@example.com, too", "[EMAIL_1], too"),
        MaskSample(
            .email,
            String(repeating: ".", count: 80) + "ada@example.com",
            String(repeating: ".", count: 19) + "[EMAIL_1]"
        ),
        MaskSample(.email, #"To:\nbob@example.com\tor"#, #"To:\n[EMAIL_1]\tor"#),
        MaskSample(.phone, "call +81 90-1234-5678 now", "call [PHONE_1] now"),
        MaskSample(.phone, "+1 (415) 555-2671", "[PHONE_1]"),
        MaskSample(.phone, "+4930123456789", "[PHONE_1]"),
        MaskSample(.phone, "+43 664 123 45 67, please", "[PHONE_1], please"),
        MaskSample(.phone, "+33 (0)6 12 34 56 78", "[PHONE_1]"),
        MaskSample(.phone, "+81 90-1234-5678 2024-01-15", "[PHONE_1] 2024-01-15"),
        MaskSample(.phone, "+81 90-1234-5678 2nd floor", "[PHONE_1] 2nd floor"),
        MaskSample(.phone, #"tel:\n+81 90-1234-5678\n"#, #"tel:\n[PHONE_1]\n"#),
        MaskSample(.phone, #"a\t09012345678"#, #"a\t[PHONE_1]"#),
        MaskSample(.phone, "(415) 555-2671", "[PHONE_1]"),
        MaskSample(.phone, "415-555-2671 or later", "[PHONE_1] or later"),
        MaskSample(.phone, "電話は03-1234-5678。", "電話は[PHONE_1]。"),
        MaskSample(.phone, "(03)1234-5678", "[PHONE_1]"),
        MaskSample(.phone, "09012345678", "[PHONE_1]"),
        MaskSample(.phone, "06 12 34 56 78", "[PHONE_1]"),
        MaskSample(.phone, "020 7946 0958", "[PHONE_1]"),
        MaskSample(.card, "4111 1111 1111 1111 12/29", "[CARD_1] 12/29"),
        MaskSample(.card, "card=4111111111111111", "card=[CARD_1]"),
        MaskSample(.card, #"Card:\n4111 1111 1111 1111"#, #"Card:\n[CARD_1]"#),
        MaskSample(.card, #"x\t4111111111111111"#, #"x\t[CARD_1]"#),
        MaskSample(.card, "3782-822463-10005", "[CARD_1]"),
        MaskSample(.card, "5555555555554444.", "[CARD_1]."),
        MaskSample(.nationalID, "SSN 123-45-6789", "SSN [ID_1]"),
        MaskSample(.nationalID, "個人番号123456789018", "個人番号[ID_1]"),
        MaskSample(.nationalID, "1234 5678 9018", "[ID_1]"),
        MaskSample(.nationalID, "AB 12 34 56 C", "[ID_1]"),
        MaskSample(.nationalID, "AB123456D!", "[ID_1]!"),
        MaskSample(.nationalID, #"no\tAB123456D\r"#, #"no\t[ID_1]\r"#),
        MaskSample(.nationalID, "DNI 12345678Z", "DNI [ID_1]"),
        MaskSample(.nationalID, "12345678-Z", "[ID_1]"),
        MaskSample(.nationalID, "X1234567L", "[ID_1]"),
        MaskSample(.nationalID, "2 55 08 14 168 025 38", "[ID_1]"),
        MaskSample(.nationalID, "185057800604830", "[ID_1]"),
        MaskSample(.nationalID, "255081416802538", "[ID_1]"),
        MaskSample(.nationalID, "IdNr. 86095742719", "IdNr. [ID_1]"),
        MaskSample(.nationalID, "86 095 742 719", "[ID_1]"),
        MaskSample(.iban, "GB82 WEST 1234 5698 7654 32", "[IBAN_1]"),
        MaskSample(.iban, "to DE89370400440532013000, please", "to [IBAN_1], please"),
        MaskSample(.iban, #"\nDE89370400440532013000\n"#, #"\n[IBAN_1]\n"#),
        MaskSample(.secret, #"x\nAKIAIOSFODNN7EXAMPLE\n"#, #"x\n[SECRET_1]\n"#),
        MaskSample(.secret, "key sk-ant-api03-\(key40)", "key [SECRET_1]"),
        MaskSample(.secret, "OPENAI_API_KEY=sk-\(key40)\n", "OPENAI_API_KEY=[SECRET_1]\n"),
        MaskSample(.secret, "sk-torii-abcdefghij01-\(key40)", "[SECRET_1]"),
        MaskSample(.secret, "ghp_\(key40)", "[SECRET_1]"),
        MaskSample(.secret, "github_pat_11ABCDEFG0\(key40)", "[SECRET_1]"),
        MaskSample(.secret, "AKIAIOSFODNN7EXAMPLE", "[SECRET_1]"),
        MaskSample(.secret, "xoxb-1234567890-abc", "[SECRET_1]"),
        MaskSample(.secret, "AIzaSyA1234567890abcdefghijklmnopqrstuv", "[SECRET_1]"),
        MaskSample(.secret, "token \(jwt);", "token [SECRET_1];"),
        MaskSample(.secret, "Authorization: Bearer abcDEF123456~xyz/+_.=", "Authorization: Bearer [SECRET_1]"),
        MaskSample(.secret, "x\n\(pem)\ny", "x\n[SECRET_1]\ny"),
        MaskSample(.secret, pem.replacing("\n", with: "\\n"), "[SECRET_1]"),
        MaskSample(.secret, String(pem.dropLast(40)), "[SECRET_1]"),
    ]

    /// What looks like something and is nothing.
    static let passed = [
        "user@localhost and @name and a@b.c", "2024-01-15 10:30:00", "2024-01-15T10:30:00Z", "1.2.3.4:8080",
        "192.168.100.100", "v1.20.300", "0.4111111111111111", "4111 1111 1111 1112", "12345678901234567890",
        "41111111111111110", "000-12-3456 666-12-3456 900-12-3456 123-00-4567", "123456789012", "86095742718",
        "12345678A", "QQ123456C", "185057800604836", "X1234567A", "GB82 WEST 1234 5698 7654 33",
        "ZZ82 WEST 1234 5698 7654 32", "DE8937040044",
        "sk-learn is a library of python", "sk-your-key-goes-here-please", "ghp_short", "AKIAIOSFODNN7EXAMPLES",
        "eyJhbGciOiJIUzI1NiJ9 alone", "Bearer of good news", "bearer authentication-is-required",
        "-----BEGIN CERTIFICATE-----\nMIIEowIBAAKCAQEA1234567890abcdef\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\nMIIEowIBAAKCAQEA1234567890abcdef\n-----END PUBLIC KEY-----",
        "550e8400-e29b-41d4-a716-446655440000", "+123 and +1-2", "01/02/2024 10:30", "let x = [1, 2, 3]", "",
        "[EMAIL_0]",
        "[OTHER_1]", "日本語だけ", "a+b=c",
    ]
}

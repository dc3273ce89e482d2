/// What is looked for in a text, as the configuration names it; docs/masking.md says of each what it takes for one.
package enum MaskKind: String, Sendable, Hashable, CaseIterable {
    case email
    case phone
    /// Numbers of payment cards.
    case card
    /// Numbers that a state gives its people.
    case nationalID = "national_id"
    case iban
    /// Keys, tokens and private keys.
    case secret

    /// What a placeholder of this kind begins with.
    var label: String {
        switch self {
        case .email: "EMAIL"
        case .phone: "PHONE"
        case .card: "CARD"
        case .nationalID: "ID"
        case .iban: "IBAN"
        case .secret: "SECRET"
        }
    }

    /// Of a text that looks like a placeholder and is none.
    static let literalLabel = "LITERAL"
}

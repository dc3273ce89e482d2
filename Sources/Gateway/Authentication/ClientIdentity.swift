/// Who asks, as far as one client has to be told from another.
enum ClientIdentity: Sendable {
    /// Somebody on this machine, where no key is wanted.
    case anonymous
    /// The holder of the client key with this place in the configuration.
    case key(Int)
    /// The holder of a key that was issued.
    case issued(IssuedKey)
    /// Somebody for whom a token or a certificate speaks.
    case outside(OutsideIdentity, Principal)

    /// What decides what he may; nil where everything may be asked.
    var principal: Principal? {
        switch self {
        case .anonymous, .key: nil
        case .issued(let key): key.principal
        case .outside(_, let principal): principal
        }
    }

    /// The id of the key that was issued; nil for whoever comes without one.
    var keyID: String? {
        if case .issued(let key) = self { key.id } else { nil }
    }
}

/// Who asks, as far as one client has to be told from another.
enum ClientIdentity: Sendable {
    /// Somebody on this machine, where no key is wanted.
    case anonymous
    /// The holder of the client key with this place in the configuration.
    case key(Int)
    /// The holder of a key that was issued.
    case issued(IssuedKey)

    /// What decides what he may; nil where everything may be asked.
    var principal: Principal? {
        if case .issued(let key) = self { key.principal } else { nil }
    }
}

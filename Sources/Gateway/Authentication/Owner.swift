/// Whose something is that outlives its connection, by a name that stays the same when the configuration is edited.
struct Owner: Sendable, Hashable {
    /// Names a caller without telling its key.
    let name: String

    init(name: String) { self.name = name }

    /// Everybody on this machine, where no key is wanted.
    static let anonymous = Owner(name: "anonymous")
}

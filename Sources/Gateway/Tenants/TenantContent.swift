/// What a tenant wants done with what its people ask and are told; a tenant that wants nothing has none.
struct TenantContent: Sendable, Hashable {
    /// Whether it is kept, masked.
    var isKept: Bool
    /// For how many days; nil for as many as the configuration says.
    var days: Int?
    /// Whether providers see it masked, and the answer is put together again.
    var isMaskedUpstream: Bool

    /// What a tenant's fields may say of it.
    static let choices = ["off", "on"]
    static let daysBounds = 1...3_650
}

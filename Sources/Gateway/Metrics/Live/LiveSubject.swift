/// Whose requests are told together.
struct LiveSubject: Sendable, Hashable {
    /// The tenant's id; `local` for callers without a key that was issued, empty where nobody is known and for an operator.
    var tenant = ""
    /// Empty for what was answered without one.
    var provider = ""
    /// The model that the provider is asked for, else the one that the caller named; empty where there is none.
    var model = ""
}

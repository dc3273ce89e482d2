/// Why a stored response cannot be had.
enum StoreError: Error, Hashable {
    /// There is none of this id for this owner: unknown, deleted, expired or somebody else's, all alike (T3).
    case notFound
    /// There may be one, but the store does not work or takes too long.
    case unavailable
    /// The conversation has more bytes than one request may have.
    case tooLarge
}

import NIOCore

/// The turn of a Responses conversation that an exchange runs.
struct ConversationTurn {
    /// The id of the response that it continues.
    let previous: String?
    /// The caller's own items, as they came.
    let input: ByteBuffer
    /// Whether the response is to be kept for later.
    let stores: Bool
    /// Whether the provider keeps the response, so that only whose it is has to be kept here.
    let isAtProvider: Bool
    /// Whether the answer says in short all that came before it.
    var startsAnew = false
    /// Whether it has been noted whose the response is that its provider keeps.
    var isNamed = false

    /// Whether the response object is needed when it is whole.
    var wantsObject: Bool { stores && !isAtProvider }
}

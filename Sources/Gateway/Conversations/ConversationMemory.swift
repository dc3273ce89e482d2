/// What a client that stays remembers of its own conversation, so that its next turn need not ask the store.
///
/// An exchange asks here first. All of it happens on the client's event loop.
protocol ConversationMemory: AnyObject {
    /// The history up to the end of a response; nil for one that is not remembered.
    func history(of response: String) -> History?

    /// A response has ended well: what is known up to its end, whether or not it was stored.
    func remember(_ history: History, as response: String)
}

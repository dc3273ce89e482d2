/// What a text may not exceed, whatever its length.
package struct JSONLimits: Sendable, Hashable {
    /// The most containers that may be open at once; the root counts as one.
    package var depth: Int

    /// The usual limit, or another one.
    package init(depth: Int = 64) {
        self.depth = depth
    }
}

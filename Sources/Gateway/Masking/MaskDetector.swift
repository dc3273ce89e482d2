/// Finds one sort of thing at a place of a text.
struct MaskDetector: Sendable {
    /// The bytes with which such a thing begins.
    let first: ByteSet
    /// The bytes behind which none begins.
    let notBehind: ByteSet
    /// Looks for one that begins at the cursor, and leaves the cursor wherever it wants.
    ///
    /// It looks at a bounded number of bytes, whatever stands there.
    let find: @Sendable (inout MaskCursor) -> MaskFind?
}

/// Something that was found, from the place where it was looked for.
struct MaskFind {
    let label: String
    /// Bytes at its beginning that stay, such as `Bearer `.
    var kept = 0
    /// Where it ends in the text, two bytes or more behind its beginning.
    let end: Int
}

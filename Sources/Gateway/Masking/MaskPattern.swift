/// Something that an operator wants masked, in a small language of its own.
///
/// A pattern is a row of characters and sets: letters and the like stand for themselves, `\d` is a digit, `\w` a letter,
/// digit or `_`, `\s` a space or a tab, `[A-Z0-9_]` a set and `[^,]` all ASCII but that; a `\` before any sign makes it an
/// ordinary one. `?`, `{n}` and `{m,n}` say how often the one before them stands there, `+` and `*` up to 64 times. Each takes
/// as many as there are and gives none back, so that no text makes it slow; there is no other choice in it. A match stands
/// alone: no letter, digit or `_` goes on at an end that is one.
package struct MaskPattern: Sendable, Hashable {
    struct Piece: Sendable, Hashable {
        var set: ByteSet
        var least = 1
        var most = 1
    }

    /// In small letters, as the configuration has it.
    package let name: String
    let pieces: [Piece]

    /// Bytes of the longest match that a pattern may have.
    static let longest = 256

    var label: String { name.uppercased() }

    /// The bytes with which a match begins.
    var first: ByteSet {
        var all = ByteSet()
        for piece in pieces {
            all = all.union(piece.set)
            if piece.least > 0 { break }
        }
        return all
    }

    /// The bytes behind which no match begins, as far as that can be said without looking at it.
    var notBehind: ByteSet { first.isSubset(of: .word) ? .word : ByteSet() }

    /// Finds a match at the cursor.
    func find(_ cursor: inout MaskCursor) -> MaskFind? {
        let start = cursor.at
        if cursor.isNext(in: .word), cursor.isWithinWord { return nil }
        for piece in pieces where cursor.skip(piece.set, most: piece.most) < piece.least { return nil }
        guard cursor.at > start else { return nil }
        if ByteSet.word.contains(cursor.behind(1)), cursor.isNext(in: .word) { return nil }
        return MaskFind(label: label, end: cursor.at)
    }
}

/// Why a pattern cannot be used: a sentence without its end.
package struct MaskPatternFault: Error, Sendable, Hashable {
    package let reason: String
}

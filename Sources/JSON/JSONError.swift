/// Why a text is not the JSON that was asked for, and at which byte.
package struct JSONError: Error, Hashable, Sendable {
    /// What kind of fault it is; the raw value is stable and may be shown to callers.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        /// A byte that the grammar does not allow here; choose it when none of the narrower codes fits.
        case syntax
        /// The text ends inside a value. An empty text is this, too.
        case unexpectedEnd = "unexpected_end"
        /// Something other than white space follows the root value.
        case trailingData = "trailing_data"
        /// More nested containers than `JSONLimits.depth`.
        case tooDeep = "too_deep"
        /// An object has two members whose names are equal after unescaping.
        case duplicateKey = "duplicate_key"
        /// Bytes in a string that are not well-formed UTF-8: overlong, a surrogate, above U+10FFFF, or cut.
        case invalidUTF8 = "invalid_utf8"
        /// The text begins with the UTF-8 byte order mark.
        case byteOrderMark = "byte_order_mark"
        /// The text is UTF-16 or UTF-32, told by its mark or by NUL bytes around its first character.
        case wrongEncoding = "wrong_encoding"
        /// A backslash that does not begin an escape, or a `\u` that names half a surrogate pair.
        case invalidEscape = "invalid_escape"
        /// A number that RFC 8259 does not allow: a leading zero, a lone minus, a bare point or exponent.
        case invalidNumber = "invalid_number"
        /// An unescaped byte below 0x20 in a string.
        case controlCharacter = "control_character"
        /// A value of another kind than the field wants; found when reading, not when scanning.
        case wrongType = "wrong_type"
        /// A number that the field cannot hold; found when reading, not when scanning.
        case outOfRange = "out_of_range"
        /// A member that has to be there is not; found when reading, not when scanning.
        case missingMember = "missing_member"
    }

    /// The kind of fault, from which a caller decides.
    package var code: Code
    /// Where, in bytes from the start of the text: the first byte at fault, or the text's length if it ends too early.
    package var offset: Int
    /// One sentence for a person, without the offset and without a full stop.
    package var message: String
    /// The path of the value at fault, such as `messages[3].content`, when a typed read failed.
    package var field: String?

    /// An error at a byte of the text, with the path of the field if one is known.
    package init(_ code: Code, at offset: Int, _ message: String, field: String? = nil) {
        self.code = code
        self.offset = offset
        self.message = message
        self.field = field
    }
}

extension JSONError: CustomStringConvertible {
    /// For logs; a caller that shows the offset elsewhere takes `message`.
    package var description: String { "\(message) (\(code.rawValue) at byte \(offset))" }
}

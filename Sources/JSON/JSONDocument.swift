/// A text that has passed the strict scan, with any kind of root.
package struct JSONDocument: Sendable {
    /// The whole text.
    package let bytes: [UInt8]
    private let range: Range<Int>

    /// Checks the whole text once; reading it afterwards cannot fail but for types.
    package init(_ bytes: [UInt8], limits: JSONLimits = .init()) throws(JSONError) {
        self.bytes = bytes
        range = try bytes.withBytes { (text) throws(JSONError) in
            var scan = StrictScan(text, limits: limits, notesMembers: false)
            return try scan.run()
        }
    }

    /// The same for a text in a `String`.
    package init(_ text: String, limits: JSONLimits = .init()) throws(JSONError) {
        try self.init(Array(text.utf8), limits: limits)
    }

    /// The value that the text holds.
    package var root: JSONView { JSONView(bytes: bytes, range: range) }
}

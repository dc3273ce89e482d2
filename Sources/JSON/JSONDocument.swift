/// A text that has passed the strict scan, with any kind of root.
package struct JSONDocument: Sendable {
    private let text: JSONText

    /// Checks the whole text once; reading it afterwards cannot fail but for types.
    package init(_ bytes: [UInt8], limits: JSONLimits = .init()) throws(JSONError) {
        text = try JSONText(bytes, limits: limits)
    }

    /// The same for a text in a `String`.
    package init(_ text: String, limits: JSONLimits = .init()) throws(JSONError) {
        try self.init(Array(text.utf8), limits: limits)
    }

    /// A copy of one value of a text that has passed the scan, without white space around it; it is not checked again.
    package init(scanned bytes: [UInt8]) {
        text = JSONText(scanned: bytes)
    }

    /// The whole text.
    package var bytes: [UInt8] { text.bytes }

    /// The value that the text holds.
    package var root: JSONView { JSONView(text: text, range: text.root) }
}

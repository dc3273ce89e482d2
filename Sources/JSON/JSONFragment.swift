/// A JSON value kept as text, for what is passed on far more often than it is read.
///
/// It holds memory of its own, so that a small part does not keep a large text alive.
package struct JSONFragment: Sendable {
    /// One whole value on one line, which is what framings by lines need: as it was written, unless that took several.
    package let bytes: [UInt8]

    /// A value of a scanned text.
    package init(_ view: JSONView) {
        let raw = view.raw
        let isOneLine = !raw.contains(0x0A) && !raw.contains(0x0D)
        bytes = isOneLine ? Array(raw) : JSONValue(view).bytes
    }

    /// A value, as a compact text.
    package init(_ value: JSONValue) {
        bytes = value.bytes
    }

    /// The value, which is scanned each time.
    package var view: JSONView {
        do {
            return try JSONDocument(bytes).root
        } catch {
            preconditionFailure("a fragment is a value that was scanned or written before")
        }
    }

    /// The value in memory, which is read each time.
    package var value: JSONValue { JSONValue(view) }
}

extension JSONFragment: Equatable {
    /// Equal if they say the same, however they are written.
    package static func == (left: JSONFragment, right: JSONFragment) -> Bool {
        left.bytes == right.bytes || left.value == right.value
    }
}

extension JSONFragment: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(.object(JSONObject(elements.map { .init($0.0, $0.1) })))
    }
}

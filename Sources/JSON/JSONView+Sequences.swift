extension JSONView {
    /// Goes once through an object's members in the order of the text, lending each one's name, unescaped; does nothing
    /// with other kinds.
    package func forEachMember(_ body: (UnsafeRawBufferPointer, JSONView) -> Void) {
        var walk = Walk(self, of: .object)
        text.bytes.withBytes { bytes in
            while let (key, range) = walk.member(in: bytes) {
                let value = JSONView(text: text, range: range)
                if bytes.backslash(in: key) == key.upperBound {
                    body(bytes.slice(key), value)
                } else {
                    bytes.unescaped(key).withUnsafeBytes { body($0, value) }
                }
            }
        }
    }

    /// The members of an object, in the order of the text.
    package struct Members: Sequence, Sendable {
        let view: JSONView

        package func makeIterator() -> Iterator { Iterator(view) }

        /// Walks from one member to the next.
        package struct Iterator: IteratorProtocol {
            private var walk: Walk

            init(_ view: JSONView) {
                walk = Walk(view, of: .object)
            }

            package mutating func next() -> (key: String, value: JSONView)? {
                let text = walk.text
                return text.bytes.withBytes { bytes in
                    guard let (key, value) = walk.member(in: bytes) else { return nil }
                    return (bytes.string(key), JSONView(text: text, range: value))
                }
            }
        }
    }

    /// The elements of an array.
    package struct Elements: Sequence, Sendable {
        let view: JSONView

        package func makeIterator() -> Iterator { Iterator(view) }

        /// Walks from one element to the next.
        package struct Iterator: IteratorProtocol {
            private var walk: Walk

            init(_ view: JSONView) {
                walk = Walk(view, of: .array)
            }

            package mutating func next() -> JSONView? {
                let text = walk.text
                return text.bytes.withBytes { walk.element(in: $0) }.map { JSONView(text: text, range: $0) }
            }
        }
    }

    /// The way through a container: over white space, commas and whole values.
    struct Walk {
        let text: JSONText
        private var at: Int
        /// The closing bracket; 0 for a value of another kind, which has nothing to walk through.
        private let end: Int
        private var landmark: Int

        init(_ view: JSONView, of kind: JSONKind) {
            text = view.text
            at = view.range.lowerBound + 1
            end = view.kind == kind ? view.range.upperBound - 1 : 0
            landmark = end > 0 && text.holdsLandmarks(view.range) ? text.landmark(from: at) : .max
        }

        /// The next member's name without its quotes, and its value; nil at the end.
        @inline(__always)
        mutating func member(in bytes: Bytes) -> (key: Range<Int>, value: Range<Int>)? {
            at = bytes.skipSpace(at: at)
            guard at < end else { return nil }
            let key = at + 1..<bytes.endOfString(at: at) - 1
            at = bytes.skipSpace(at: bytes.skipSpace(at: key.upperBound + 1) + 1)
            return (key, step(in: bytes))
        }

        /// The next element; nil at the end.
        @inline(__always)
        mutating func element(in bytes: Bytes) -> Range<Int>? {
            at = bytes.skipSpace(at: at)
            return at < end ? step(in: bytes) : nil
        }

        /// Goes over the value that begins here and the comma behind it.
        @inline(__always)
        private mutating func step(in bytes: Bytes) -> Range<Int> {
            let start = at
            if let stop = text.end(ofLandmark: landmark, at: start) {
                at = stop
                landmark = text.landmark(from: stop)
            } else {
                at = bytes.endOfValue(at: start)
            }
            let value = start..<at
            at = bytes.skipSpace(at: at) + 1
            return value
        }
    }
}

/// An object's members, found in one pass, for a reader that asks for several of them by name.
///
/// A member that is null counts as absent. It remembers where things stand, not what they are: nothing is decoded before
/// it is read, and a name is compared where it stands.
package struct JSONMembers: Sendable {
    /// The object.
    package let view: JSONView
    private var places: [Place]

    /// Where a member stands in the text.
    private struct Place: BitwiseCopyable {
        /// The name without its quotes.
        let key: (start: UInt32, end: UInt32)
        let value: (start: UInt32, end: UInt32)
    }

    /// Goes once through the object; a value of another kind has no members.
    package init(_ view: JSONView) {
        self.view = view
        places = []
        // Few objects have more; growing step by step costs more than the room.
        places.reserveCapacity(6)
        var walk = JSONView.Walk(view, of: .object)
        view.text.bytes.withBytes { bytes in
            while let (key, value) = walk.member(in: bytes) {
                if JSONKind(firstByte: bytes[value.lowerBound]) == .null { continue }
                places.append(
                    Place(
                        key: (UInt32(key.lowerBound), UInt32(key.upperBound)),
                        value: (UInt32(value.lowerBound), UInt32(value.upperBound))
                    )
                )
            }
        }
    }

    /// The member of this name, compared byte by byte after unescaping.
    package subscript(_ key: String) -> JSONView? { place(of: key).map { value(places[$0]) } }

    /// The member, which is not among the others any more.
    package mutating func take(_ key: String) -> JSONView? {
        place(of: key).map { value(places.remove(at: $0)) }
    }

    /// Whether there is a member of this name.
    package func has(_ key: String) -> Bool { place(of: key) != nil }

    /// What is there, in the order of the text.
    package var all: [(key: String, value: JSONView)] {
        places.map { (name($0), value($0)) }
    }

    /// The same without those of these names.
    package func others(than known: [StaticString]) -> [(key: String, value: JSONView)] {
        let others = view.text.bytes.withBytes { bytes in
            places.filter { place in
                !known.contains { bytes.string(Self.range(place.key), equals: UnsafeRawBufferPointer(of: $0)) }
            }
        }
        return others.map { (name($0), value($0)) }
    }

    private func place(of key: String) -> Int? {
        var key = key
        return key.withUTF8 { key in
            view.text.bytes.withBytes { bytes in
                places.firstIndex { bytes.string(Self.range($0.key), equals: UnsafeRawBufferPointer(key)) }
            }
        }
    }

    private func name(_ place: Place) -> String { view.text.bytes.withBytes { $0.string(Self.range(place.key)) } }

    private func value(_ place: Place) -> JSONView { JSONView(text: view.text, range: Self.range(place.value)) }

    private static func range(_ place: (start: UInt32, end: UInt32)) -> Range<Int> {
        Int(place.start)..<Int(place.end)
    }
}

extension UnsafeRawBufferPointer {
    /// A literal's bytes, which are never freed.
    fileprivate init(of text: StaticString) {
        self.init(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }
}

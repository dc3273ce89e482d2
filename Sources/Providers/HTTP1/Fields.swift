import JSON
package import NIOCore

/// Header fields in their order, kept as they stand on the wire: `name: value` and CRLF, one after the other.
///
/// Names are compared without regard to case; the spelling and the order are kept. Copying a field from one value to
/// another copies its bytes, and makes no string of them.
package struct Fields: Sendable {
    /// Where one field stands in `text`.
    struct Line: Sendable {
        var start: Int32
        var nameCount: Int32
        var valueCount: Int32

        /// With the colon, the space and the line's end.
        var count: Int32 { nameCount + valueCount + 4 }
    }

    private(set) var text: [UInt8] = []
    private(set) var lines: [Line] = []
    /// The first thing that makes these fields unfit for the wire; nil while all is well.
    package private(set) var fault: String?

    package init() {}

    package init(_ pairs: [(String, String)]) {
        for (name, value) in pairs { append(name, value) }
    }

    package var count: Int { lines.count }
    package var isEmpty: Bool { lines.isEmpty }

    /// Makes room for `count` fields of about `bytes` bytes in all.
    package mutating func reserve(_ count: Int, bytes: Int = 512) {
        lines.reserveCapacity(count)
        text.reserveCapacity(bytes)
    }

    /// Adds a field behind all others, whether or not its name is there already.
    package mutating func append(_ name: String, _ value: String) {
        var (name, value) = (name, value)
        name.withUTF8 { name in
            value.withUTF8 { value in
                let (name, value) = (UnsafeRawBufferPointer(name), UnsafeRawBufferPointer(value))
                if fault == nil { fault = Self.fault(of: name, value) }
                append(name: name, value: value)
            }
        }
    }

    /// What makes a field unfit for the wire.
    private static func fault(of name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> String? {
        guard Syntax.isToken(name) else { return "a field's name is not a token" }
        guard !Syntax.isFieldValue(value) else { return nil }
        return "the field \(String(decoding: name, as: UTF8.self)) holds a control character"
    }

    /// Adds a field that is known to be well-formed, without its outer white space.
    mutating func append(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        let line = Line(start: Int32(text.count), nameCount: Int32(name.count), valueCount: Int32(value.count))
        lines.append(line)
        text.append(addingCapacity: Int(line.count)) { span in
            span.append(copying: name)
            span.append(UInt8(ascii: ":"))
            span.append(UInt8(ascii: " "))
            span.append(copying: value)
            span.append(UInt8(ascii: "\r"))
            span.append(UInt8(ascii: "\n"))
        }
    }

    /// Adds a copy of another value's field.
    package mutating func append(_ field: Field) {
        lines.append(
            Line(start: Int32(text.count), nameCount: Int32(field.name.count), valueCount: Int32(field.value.count))
        )
        text.append(contentsOf: field.line)
    }

    /// Removes every field of this name and appends one.
    package mutating func set(_ name: String, _ value: String) {
        remove(name)
        append(name, value)
    }

    /// Removes every field of this name.
    package mutating func remove(_ name: String) {
        guard contains(name) else { return }
        var kept = Fields()
        forEachField { if !$0.isNamed(text: name) { kept.append($0) } }
        kept.fault = fault
        self = kept
    }

    /// The value of the first field of this name.
    package func first(_ name: String) -> String? {
        field(name) { $0.valueText }
    }

    /// The values of all fields of this name, as they came.
    package func all(_ name: String) -> [String] {
        var values: [String] = []
        forEachField { if $0.isNamed(text: name) { values.append($0.valueText) } }
        return values
    }

    package func contains(_ name: String) -> Bool {
        field(name) { _ in true } ?? false
    }

    /// Whether the body's length is among the fields.
    package var hasContentLength: Bool {
        text.withUnsafeBytes { text in
            lines.contains { $0.nameCount == 14 && Field($0, in: text).isNamed("content-length") }
        }
    }

    /// Lends the first field of this name; nil where there is none.
    package func field<Result>(_ name: String, _ body: (Field) -> Result) -> Result? {
        text.withUnsafeBytes { bytes in
            for line in lines where line.nameCount == name.utf8.count {
                let field = Field(line, in: bytes)
                if field.isNamed(text: name) { return body(field) }
            }
            return nil
        }
    }

    /// Writes all fields, each with its line's end.
    package func write(to bytes: inout ByteBuffer) {
        bytes.writeBytes(text)
    }

    /// Lends every field in order; none may be kept beyond its call.
    package func forEachField(_ body: (Field) -> Void) {
        text.withUnsafeBytes { bytes in
            for line in lines { body(Field(line, in: bytes)) }
        }
    }

    /// Lends the field at a place, counted from 0.
    package func withField<Result>(at place: Int, _ body: (Field) -> Result) -> Result {
        text.withUnsafeBytes { body(Field(lines[place], in: $0)) }
    }
}

extension Fields: Sequence {
    package struct Iterator: IteratorProtocol {
        fileprivate let fields: Fields
        fileprivate var place = 0

        package mutating func next() -> (name: String, value: String)? {
            guard place < fields.count else { return nil }
            defer { place += 1 }
            return fields.withField(at: place) { ($0.nameText, $0.valueText) }
        }
    }

    package func makeIterator() -> Iterator { Iterator(fields: self) }
}

extension Fields: CustomStringConvertible {
    /// Names only: a value may be a secret.
    package var description: String { map(\.name).joined(separator: ", ") }
}

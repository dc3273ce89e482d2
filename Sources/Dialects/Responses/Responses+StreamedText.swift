import JSON

extension Responses {
    /// A text of the answer while it arrives, escaped once for all events that repeat it.
    struct StreamedText: Sendable {
        private var escaped: [UInt8] = []

        var isEmpty: Bool { escaped.isEmpty }

        /// Writes a piece as a string, with no comma before it, and keeps it.
        mutating func add(_ piece: String, into output: inout JSONWriter) {
            output.frame("")
            let start = output.bytes.count + 1
            output.string(piece)
            let end = output.bytes.count - 1
            escaped.append(contentsOf: output.bytes[start..<end])
        }

        /// Writes all of it as a string, with no comma before it.
        func write(into output: inout JSONWriter) {
            output.frame("\"")
            output.frame(escaped)
            output.frame("\"")
        }

        /// How many Unicode scalars there are so far; counted anew, so for what is rare.
        var scalars: Int {
            var writer = JSONWriter(capacity: escaped.count + 2)
            write(into: &writer)
            guard let text = (try? JSONDocument(writer.bytes))?.root.string else { return 0 }
            return text.unicodeScalars.count
        }
    }

    /// Elements of an array that are written one by one.
    struct StreamedList: Sendable {
        private(set) var bytes: [UInt8] = []
        private(set) var count = 0

        mutating func add(_ element: [UInt8]) {
            if count > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += element
            count += 1
        }

        /// Writes the array, with no comma before it.
        func write(into output: inout JSONWriter) {
            output.frame("[")
            output.frame(bytes)
            output.frame("]")
        }
    }
}

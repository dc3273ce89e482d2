/// The fields of the event that is being read, as places in the bytes at hand.
struct EventFields {
    private var name: Range<Int>?
    private var data: Range<Int>?
    private var id: Range<Int>?
    private var retry: Int?
    /// Whether the data is one line at most, so that it needs no joining.
    private(set) var isSimple = true

    /// Whether any `data` line was seen; without one there is no event.
    var hasData: Bool { data != nil }

    /// Takes one line without its end.
    mutating func add(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) {
        // Nothing shorter is a field; a colon in front makes a comment.
        guard line.count >= 2, bytes[line.lowerBound] != 0x3A else { return }
        let start = line.lowerBound
        if ByteScan.has("data", in: bytes, at: start), let value = value(bytes, line, after: 4) {
            addData(value)
        } else if ByteScan.has("event", in: bytes, at: start), let value = value(bytes, line, after: 5) {
            name = value
        } else if ByteScan.has("id", in: bytes, at: start), let value = value(bytes, line, after: 2) {
            if !bytes[value].contains(0) { id = value }
        } else if ByteScan.has("retry", in: bytes, at: start), let value = value(bytes, line, after: 5) {
            retry = number(bytes[value]) ?? retry
        }
    }

    /// The event as these fields have it, with a single line's data.
    func event(in bytes: UnsafeRawBufferPointer, position: Range<Int>, isContinued: Bool) -> ServerSentEvent {
        ServerSentEvent(
            name: UnsafeRawBufferPointer(rebasing: bytes[name ?? 0..<0]),
            data: UnsafeRawBufferPointer(rebasing: bytes[data ?? 0..<0]),
            id: id.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) },
            retry: retry,
            position: position,
            isContinued: isContinued
        )
    }

    /// The data of several lines with LF between them.
    static func joinedData(_ bytes: UnsafeRawBufferPointer, from start: Int) -> [UInt8] {
        var result: [UInt8] = []
        var isFirst = true
        var at = start
        while at < bytes.count {
            let end = ByteScan.lineEnd(in: bytes, from: at)
            var line = EventFields()
            line.add(bytes, at..<end)
            if let data = line.data {
                if !isFirst { result.append(0x0A) }
                isFirst = false
                result.append(contentsOf: bytes[data])
            }
            at = end &+ 1
        }
        return result
    }

    private mutating func addData(_ value: Range<Int>) {
        if data == nil { data = value } else { isSimple = false }
    }

    /// A field's value: what follows the colon and one space; nil if the field's name goes on.
    private func value(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>, after count: Int) -> Range<Int>? {
        let colon = line.lowerBound &+ count
        guard colon <= line.upperBound else { return nil }
        guard colon < line.upperBound else { return line.upperBound..<line.upperBound }
        guard bytes[colon] == 0x3A else { return nil }
        let start = colon &+ 1
        let skipsSpace = start < line.upperBound && bytes[start] == 0x20
        return (skipsSpace ? start &+ 1 : start)..<line.upperBound
    }

    private func number(_ digits: Slice<UnsafeRawBufferPointer>) -> Int? {
        guard !digits.isEmpty, digits.count < 10, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}

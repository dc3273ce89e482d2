/// A scanned text, shared by the views into it.
final class JSONText: Sendable {
    let bytes: [UInt8]
    /// Where the root value stands.
    let root: Range<Int>
    /// The long values, in the order of their starts.
    private let landmarks: [Landmark]

    /// A value of at least `length` bytes, noted by the scan so that a reader steps over it without reading it.
    ///
    /// At one depth there is at most one for each 256 bytes, of eight bytes; so at depth 64 they take, at worst, twice
    /// the text's size.
    struct Landmark: BitwiseCopyable {
        static let length = 256
        var start: UInt32
        var end: UInt32
    }

    init(_ bytes: [UInt8], limits: JSONLimits) throws(JSONError) {
        self.bytes = bytes
        (root, landmarks) = try bytes.withBytes { (text) throws(JSONError) in
            var scan = StrictScan(text, limits: limits, notes: .landmarks)
            let root = try scan.run()
            return (root, scan.takeLandmarks())
        }
    }

    /// A value of a text that has passed the scan, and nothing around it.
    init(scanned bytes: [UInt8]) {
        self.bytes = bytes
        root = 0..<bytes.count
        landmarks = []
    }

    /// The number of the first landmark that starts at `offset` or behind it.
    func landmark(from offset: Int) -> Int {
        var range = 0..<landmarks.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if Int(landmarks[middle].start) < offset {
                range = middle + 1..<range.upperBound
            } else {
                range = range.lowerBound..<middle
            }
        }
        return range.lowerBound
    }

    /// The end of the landmark of this number, if it starts at `offset`.
    func end(ofLandmark number: Int, at offset: Int) -> Int? {
        guard number < landmarks.count, Int(landmarks[number].start) == offset else { return nil }
        return Int(landmarks[number].end)
    }

    /// Whether a value may hold landmarks.
    func holdsLandmarks(_ value: Range<Int>) -> Bool { value.count > Landmark.length }

    /// Where the value of the first member of this name stands, in the object at `object`; nil if it has none.
    func value(of name: String, in object: Range<Int>) -> Range<Int>? {
        var name = name
        return name.withUTF8 { name in
            bytes.withBytes { text in find(UnsafeRawBufferPointer(name), in: object, of: text) }
        }
    }

    private func find(_ name: UnsafeRawBufferPointer, in object: Range<Int>, of text: Bytes) -> Range<Int>? {
        let closing = object.upperBound - 1
        var at = text.skipSpace(at: object.lowerBound + 1)
        var landmark = holdsLandmarks(object) ? landmark(from: at) : Int.max
        while at < closing {
            let key = at + 1..<text.endOfString(at: at) - 1
            let start = text.skipSpace(at: text.skipSpace(at: key.upperBound + 1) + 1)
            var stop = start
            if let end = end(ofLandmark: landmark, at: start) {
                stop = end
                landmark = self.landmark(from: stop)
            } else {
                stop = text.endOfValue(at: start)
            }
            if text.string(key, equals: name) { return start..<stop }
            at = text.skipSpace(at: text.skipSpace(at: stop) + 1)
        }
        return nil
    }
}

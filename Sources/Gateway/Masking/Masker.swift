/// Puts placeholders in the place of personal data and secrets, in a text that comes in pieces.
///
/// The result is the same however the text is cut. What could still become something that has to be masked is held back, so
/// that nothing of it goes out; that is never more than a quarter above the longest thing that is looked for, 17 KiB of a
/// private key.
/// Each byte is looked at a bounded number of times, whatever the text.
struct Masker: Sendable {
    private let rules: MaskRules
    /// What stands for what, so far.
    private(set) var map: MaskMap
    /// How often something was put in the place of something.
    private(set) var finds = 0
    /// How many looks at a byte it took.
    private(set) var steps = 0
    private var held: [UInt8] = []
    private var before = MaskCursor.Before()
    /// With fewer bytes held it is not worth looking again: a long thing that comes byte by byte must not be read as often.
    private var patience = 0

    /// `map` goes on from what was masked before.
    init(_ rules: MaskRules, _ map: MaskMap = MaskMap()) {
        self.rules = rules
        self.map = map
    }

    /// Takes a piece, and gives what is certain by now.
    mutating func take(_ bytes: [UInt8]) -> [UInt8] {
        guard !held.isEmpty else { return run(bytes, isLast: false) }
        held += bytes
        guard held.count >= patience else { return [] }
        return run(held, isLast: false)
    }

    /// Gives what is left, at the end of the text; what is taken next is another text.
    mutating func finish() -> [UInt8] {
        defer { (before, patience) = (MaskCursor.Before(), 0) }
        return held.isEmpty ? [] : run(held, isLast: true)
    }

    /// Masks a text that is whole.
    mutating func mask(_ text: [UInt8]) -> [UInt8] { take(text) + finish() }

    private mutating func run(_ text: [UInt8], isLast: Bool) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        let used = text.withUnsafeBufferPointer { scan($0, isLast: isLast, into: &output) }
        note(text[..<used])
        held = used == text.count ? [] : Array(text[used...])
        patience = held.count < Self.shortHold ? 0 : held.count + held.count / 4
        return output
    }

    private mutating func note(_ used: ArraySlice<UInt8>) {
        guard let last = used.last else { return }
        let secondLast = used.count > 1 ? used[used.count - 2] : before.last
        before = MaskCursor.Before(last: MaskCursor.edge(last, behind: secondLast), secondLast: secondLast)
    }

    /// What there is at a place.
    private enum Look {
        case nothing
        case found(MaskFind)
        /// It cannot be said yet.
        case open
    }

    /// - Returns: how many bytes are done with.
    private mutating func scan(
        _ text: UnsafeBufferPointer<UInt8>,
        isLast: Bool,
        into output: inout [UInt8]
    ) -> Int {
        var (at, copied, last) = (0, 0, before.last)
        scanning: while at < text.count {
            let byte = text[at]
            steps &+= 1
            // `\nada@example.com` within code or JSON: the letter begins nothing, and what is behind it begins anew.
            if last == MaskCursor.slash, MaskCursor.escapes.contains(byte) {
                (last, at) = (MaskCursor.blank, at &+ 1)
                continue
            }
            let candidates = rules.starts[Int(byte)] & rules.follows[Int(last)]
            guard candidates != 0 else {
                (last, at) = (byte, at &+ 1)
                continue
            }
            switch look(candidates, text, at, isLast: isLast) {
            case .nothing: (last, at) = (byte, at &+ 1)
            case .open: break scanning
            case .found(let find):
                output += text[copied..<at + find.kept]
                output += map.placeholder(for: Array(text[at + find.kept..<find.end]), find.label)
                finds += 1
                last = MaskCursor.edge(text[find.end - 1], behind: text[find.end - 2])
                (at, copied) = (find.end, find.end)
            }
        }
        output += text[copied..<at]
        return at
    }

    private mutating func look(
        _ candidates: UInt64,
        _ text: UnsafeBufferPointer<UInt8>,
        _ place: Int,
        isLast: Bool
    ) -> Look {
        var rest = candidates
        while rest != 0 {
            let number = rest.trailingZeroBitCount
            rest &= rest &- 1
            var cursor = MaskCursor(text, at: place, behind: before)
            let find = rules.detectors[number].find(&cursor)
            steps &+= cursor.steps
            if cursor.reachedEnd, !isLast { return .open }
            if let find { return .found(find) }
        }
        return .nothing
    }

    private static let shortHold = 512
}

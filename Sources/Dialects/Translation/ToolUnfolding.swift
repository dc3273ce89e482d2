import Inference
import JSON

/// Turns calls of folded functions back into calls of the caller's own tools, as they stream.
struct ToolUnfolding: Sendable {
    private struct OpenCall {
        var call: ToolCall
        /// Nil for a function, whose arguments pass as they are.
        var input: StreamedInput?
    }

    private let originals: [String: ToolFolding.Original]
    private var open: [Int: OpenCall] = [:]

    init(originals: [String: ToolFolding.Original] = [:]) {
        self.originals = originals
    }

    /// The caller's events for a provider's.
    mutating func unfold(_ events: [InferenceEvent]) -> [InferenceEvent] {
        guard !originals.isEmpty else { return events }
        var unfolded: [InferenceEvent] = []
        for event in events { unfold(event) { unfolded.append($0) } }
        return unfolded
    }

    private mutating func unfold(_ event: InferenceEvent, _ emit: (InferenceEvent) -> Void) {
        switch event {
        case .toolCallStarted(let index, var call):
            guard let original = originals[call.name] else { return emit(event) }
            (call.name, call.namespace, call.kind) = (original.name, original.namespace, original.kind)
            open[index] = OpenCall(call: call, input: original.kind == .custom ? StreamedInput() : nil)
            emit(.toolCallStarted(index: index, call))
        case .toolCallArgumentsDelta(let index, let delta):
            guard var input = open[index]?.input else { return emit(event) }
            open[index]?.input = nil
            let text = input.take(delta)
            open[index]?.input = input
            if !text.isEmpty { emit(.toolCallArgumentsDelta(index: index, text)) }
        case .toolCallFinished(let index, let finished):
            guard let held = open.removeValue(forKey: index) else { return emit(event) }
            var call = held.call
            call.arguments = finished.arguments
            if let input = held.input {
                let (whole, rest) = input.finish(finished.arguments)
                call.arguments = whole
                if !rest.isEmpty { emit(.toolCallArgumentsDelta(index: index, rest)) }
            }
            emit(.toolCallFinished(index: index, call))
        default: emit(event)
        }
    }
}

/// Reads the string out of `{"input":"…"}` while it arrives.
///
/// A model may write something else; then nothing is told before the end, when all of it can be looked at.
struct StreamedInput: Sendable {
    private enum State {
        /// Before the string: so much of the opening was seen.
        case opening(seen: Int)
        case text
        /// Behind a backslash.
        case escape
        /// Within `\uXXXX`: so many digits, and their value.
        case unicode(count: Int, value: UInt32)
        /// Nothing more is told before the end.
        case waiting
    }

    private static let opening = Array(#"{"input":""#.unicodeScalars)
    private var state = State.opening(seen: 0)
    private var highSurrogate: UInt32?
    private var told = ""

    /// Takes a piece of the arguments and returns the piece of the text that it adds.
    mutating func take(_ piece: String) -> String {
        var text = ""
        for scalar in piece.unicodeScalars { take(scalar, into: &text) }
        told += text
        return text
    }

    /// All of the text, and what of it has not been told yet.
    consuming func finish(_ arguments: String) -> (whole: String, rest: String) {
        let input = (try? JSONDocument(arguments))?.root["input"]?.string
        let whole = input ?? (told.isEmpty ? arguments : told)
        guard whole.utf8.starts(with: told.utf8) else { return (told, "") }
        return (whole, String(decoding: whole.utf8.dropFirst(told.utf8.count), as: UTF8.self))
    }

    private mutating func take(_ scalar: Unicode.Scalar, into text: inout String) {
        switch state {
        case .opening(let seen): open(scalar, seen)
        case .text:
            switch scalar {
            case "\"": state = .waiting
            case "\\": state = .escape
            default: text.unicodeScalars.append(scalar)
            }
        case .escape: unescape(scalar, into: &text)
        case .unicode(let count, let value): addDigit(scalar, count, value, into: &text)
        case .waiting: break
        }
    }

    private mutating func open(_ scalar: Unicode.Scalar, _ seen: Int) {
        if scalar == Self.opening[seen] {
            state = seen + 1 == Self.opening.count ? .text : .opening(seen: seen + 1)
        } else if !(scalar.properties.isWhitespace && !(2..<8).contains(seen)) {
            state = .waiting
        }
    }

    private mutating func unescape(_ scalar: Unicode.Scalar, into text: inout String) {
        state = .text
        switch scalar {
        case "n": text += "\n"
        case "t": text += "\t"
        case "r": text += "\r"
        case "b": text += "\u{8}"
        case "f": text += "\u{c}"
        case "u": state = .unicode(count: 0, value: 0)
        case "\"", "\\", "/": text.unicodeScalars.append(scalar)
        default: state = .waiting
        }
    }

    private mutating func addDigit(
        _ scalar: Unicode.Scalar,
        _ count: Int,
        _ value: UInt32,
        into text: inout String
    ) {
        guard let digit = Character(scalar).hexDigitValue else { return state = .waiting }
        let value = value << 4 | UInt32(digit)
        guard count == 3 else { return state = .unicode(count: count + 1, value: value) }
        state = .text
        if let high = highSurrogate {
            highSurrogate = nil
            guard (0xDC00...0xDFFF).contains(value) else { return state = .waiting }
            append(0x10000 + (high - 0xD800) << 10 + (value - 0xDC00), to: &text)
        } else if (0xD800...0xDBFF).contains(value) {
            highSurrogate = value
        } else {
            append(value, to: &text)
        }
    }

    private mutating func append(_ value: UInt32, to text: inout String) {
        guard let scalar = Unicode.Scalar(value) else { return state = .waiting }
        text.unicodeScalars.append(scalar)
    }
}

import JSON

/// The text of a patch, which models wrap in whatever they have learned.
enum PatchText {
    static let opening = "*** Begin Patch"
    static let closing = "*** End Patch"

    /// The bare patch in a text: out of JSON, a shell's command with or without a here-document, a code fence.
    ///
    /// Nil if there is none. One without its last line goes on to the end: what it lacks is not made up.
    static func bare(_ text: String) -> String? {
        let plain = FunctionArguments.unwrapped(text)
        if let first = plain.utf8.first, first == 0x22 || first == 0x27 || first == 0x5B || first == 0x7B,
            let root = ArgumentMender.mend(plain).flatMap({ (try? JSONDocument($0))?.root }),
            let inner = strings(of: root).first(where: { $0.utf8.firstRange(of: opening.utf8) != nil })
        {
            return inner.utf8.count < text.utf8.count ? bare(inner) : cut(inner)
        }
        return cut(plain)
    }

    private static func strings(of view: JSONView) -> [String] {
        if let text = view.string { return [text] }
        return view.elements.flatMap(strings) + view.members.flatMap { strings(of: $0.value) }
    }

    private static func cut(_ text: String) -> String? {
        guard let start = text.utf8.firstRange(of: opening.utf8)?.lowerBound else { return nil }
        var patch = text[start...]
        // Escaped once too often, it is one line.
        if !patch.utf8.contains(0x0A), patch.utf8.firstRange(of: "\\n".utf8) != nil {
            return cut(unescaped(patch, isOneLine: true))
        }
        if let end = patch.utf8.firstRange(of: "\n\(closing)".utf8)?.upperBound {
            let hasLineEnd = patch.utf8[end...].first == 0x0A
            patch = patch[..<(hasLineEnd ? patch.utf8.index(after: end) : end)]
        }
        // What a shell makes of a quote within its quotes.
        switch text[..<start].utf8.last {
        case UInt8(ascii: "'"): return String(patch.replacing("'\\''", with: "'"))
        case UInt8(ascii: "\""): return unescaped(patch, isOneLine: false)
        default: return String(patch)
        }
    }

    private static func unescaped(_ text: Substring, isOneLine: Bool) -> String {
        var result = ""
        var isEscaped = false
        for scalar in text.unicodeScalars {
            guard isEscaped || scalar != "\\" else {
                isEscaped = true
                continue
            }
            switch scalar {
            case "n" where isEscaped && isOneLine: result += "\n"
            case "t" where isEscaped && isOneLine: result += "\t"
            case "\"", "'", "\\", "$", "`": result.unicodeScalars.append(scalar)
            default: result += (isEscaped ? "\\" : "") + String(scalar)
            }
            isEscaped = false
        }
        return result
    }
}

/// A patch while its text arrives: told from its first line on if it begins with it, at the end otherwise.
struct StreamedPatch: Sendable {
    private enum State {
        /// So many characters of the first line were seen.
        case opening(seen: Int)
        /// Behind the first line's words.
        case opened
        /// So many characters of the last line were seen, at the start of a line; nil elsewhere in one.
        case patch(seen: Int?)
        /// Behind the last line's words.
        case closing
        case held
    }

    private static let first = Array(PatchText.opening.unicodeScalars)
    private static let last = Array(PatchText.closing.unicodeScalars)
    private var state = State.opening(seen: 0)
    private var told = ""

    /// Takes a piece of the text and returns what of the patch is certain by now.
    mutating func take(_ piece: String) -> String {
        var text = ""
        for scalar in piece.unicodeScalars { take(scalar, into: &text) }
        told += text
        return text
    }

    /// The patch in `text`, which is all that came, and what of it has not been told yet.
    consuming func finish(_ text: String) -> (whole: String, rest: String) {
        switch state {
        case .patch, .closing: return (told, "")
        case .held where !told.isEmpty: return (told, "")
        case .opening, .opened, .held:
            let whole = PatchText.bare(text) ?? text
            return (whole, whole)
        }
    }

    private mutating func take(_ scalar: Unicode.Scalar, into text: inout String) {
        switch state {
        case .opening(let seen):
            if seen == 0, scalar.properties.isWhitespace { return }
            guard scalar == Self.first[seen] else { return state = .held }
            state = seen + 1 == Self.first.count ? .opened : .opening(seen: seen + 1)
        case .opened:
            if scalar == "\r" || scalar == " " { return }
            guard scalar == "\n" else { return state = .held }
            text += PatchText.opening + "\n"
            state = .patch(seen: 0)
        case .patch(let seen):
            text.unicodeScalars.append(scalar)
            if scalar == "\n" {
                state = .patch(seen: 0)
            } else if let seen, scalar == Self.last[seen] {
                state = seen + 1 == Self.last.count ? .closing : .patch(seen: seen + 1)
            } else {
                state = .patch(seen: nil)
            }
        case .closing:
            if scalar == "\n" { text += "\n" }
            if scalar != "\r", scalar != " " { state = .held }
        case .held: break
        }
    }
}

/// Makes text from elsewhere harmless for a terminal.
///
/// An escape sequence in a model's answer could move the cursor, set the title, write the clipboard or answer for the
/// person; so C0 controls but newline and tab, DEL, C1 controls and the marks that reorder text are taken out.
enum TerminalText {
    static func safe(_ text: String) -> String {
        if text.utf8.allSatisfy({ ($0 >= 0x20 && $0 < 0x7F) || $0 == 0x0A || $0 == 0x09 }) { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where isSafe(scalar) { result.append(scalar) }
        return String(result)
    }

    private static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: true
        case 0..<0x20, 0x7F...0x9F: false
        // Marks that embed, override or isolate a direction show a text other than it is.
        case 0x202A...0x202E, 0x2066...0x2069: false
        default: true
        }
    }
}

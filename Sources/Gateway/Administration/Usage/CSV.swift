/// Text between commas (RFC 4180) that a spreadsheet opens without running any of it.
package enum CSV {
    /// One line with its end.
    package static func line(_ cells: some Sequence<String>) -> String { cells.joined(separator: ",") + "\r\n" }

    /// A text as a cell: quoted where it has to be, and with an apostrophe before what a spreadsheet takes for a formula.
    package static func cell(_ text: String) -> String {
        let text = isFormula(text) ? "'" + text : text
        let isPlain = text.utf8.allSatisfy { byte in
            byte != UInt8(ascii: ",") && byte != UInt8(ascii: "\"") && byte != 0x0D && byte != 0x0A
        }
        return isPlain ? text : "\"" + text.replacing("\"", with: "\"\"") + "\""
    }

    private static func isFormula(_ text: String) -> Bool {
        guard let first = text.utf8.first else { return false }
        return [UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), 0x09, 0x0D].contains(first)
    }
}

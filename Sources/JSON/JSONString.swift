/// One string within bytes of which the rest is known already.
package enum JSONString {
    /// Reads the string whose inside begins at `start`, as strictly as a scan of the whole text does.
    ///
    /// - Returns: the string, unescaped, and the offset of its closing quote.
    package static func read(_ bytes: RawSpan, from start: Int) throws(JSONError) -> (text: String, end: Int) {
        try bytes.withBytes { (text) throws(JSONError) in
            let end = try text.closingQuote(from: start).end
            return (text.string(start..<end), end)
        }
    }
}

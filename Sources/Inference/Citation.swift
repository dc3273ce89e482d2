/// A source that a piece of the answer's text names.
package struct Citation: Sendable, Hashable {
    package enum Source: Sendable, Hashable {
        case url(String)
        /// An upload at the provider.
        case file(id: String)
        /// A document of the request, counted from 0.
        case document(index: Int)
    }

    package var source: Source
    package var title: String?
    /// The words of the source that are meant.
    package var quote: String?
    /// Where in the text the words that rest on it stand, in Unicode scalars; nil where the dialect does not tell.
    package var range: Range<Int>?

    package init(_ source: Source, title: String? = nil, quote: String? = nil, range: Range<Int>? = nil) {
        self.source = source
        self.title = title
        self.quote = quote
        self.range = range
    }
}

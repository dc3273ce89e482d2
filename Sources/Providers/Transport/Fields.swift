package import NIOHTTP1

/// Header fields in their order.
///
/// Hides the HTTP library's type, which only this folder and the gateway's `HTTP/` know.
/// Names are compared without regard to case; the spelling and the order are kept.
package struct Fields: Sendable {
    /// The library's own value, for the code that reads and writes HTTP.
    package var httpHeaders: HTTPHeaders

    package init() {
        httpHeaders = HTTPHeaders()
    }

    package init(_ pairs: [(String, String)]) {
        httpHeaders = HTTPHeaders(pairs)
    }

    package init(httpHeaders: HTTPHeaders) {
        self.httpHeaders = httpHeaders
    }

    package var count: Int { httpHeaders.count }
    package var isEmpty: Bool { httpHeaders.isEmpty }

    /// Makes room for `count` fields.
    package mutating func reserve(_ count: Int) {
        httpHeaders.reserveCapacity(count)
    }

    /// Adds a field behind all others, whether or not its name is there already.
    package mutating func append(_ name: String, _ value: String) {
        httpHeaders.add(name: name, value: value)
    }

    /// Removes every field of this name and appends one.
    package mutating func set(_ name: String, _ value: String) {
        httpHeaders.replaceOrAdd(name: name, value: value)
    }

    /// Removes every field of this name.
    package mutating func remove(_ name: String) {
        httpHeaders.remove(name: name)
    }

    /// The value of the first field of this name.
    package func first(_ name: String) -> String? {
        httpHeaders.first(name: name)
    }

    /// The values of all fields of this name, as they came.
    package func all(_ name: String) -> [String] {
        httpHeaders[name]
    }

    package func contains(_ name: String) -> Bool {
        httpHeaders.contains(name: name)
    }
}

extension Fields: Sequence {
    package struct Iterator: IteratorProtocol {
        fileprivate var base: HTTPHeaders.Iterator

        package mutating func next() -> (name: String, value: String)? { base.next() }
    }

    package func makeIterator() -> Iterator { Iterator(base: httpHeaders.makeIterator()) }
}

extension Fields: CustomStringConvertible {
    /// Names only: a value may be a secret.
    package var description: String { map(\.name).joined(separator: ", ") }
}

package import JSON

/// Checks that a log of administrative acts is whole and as it was written, entry by entry from the first one.
///
/// Whoever can write the store can write another log with other hashes; only a head that was noted elsewhere shows that.
package struct AuditChain: Sendable {
    /// The place where a log is not what it was.
    package struct Fault: Error, Sendable, Hashable {
        package let number: Int
        package let reason: String

        package init(number: Int, reason: String) {
            self.number = number
            self.reason = reason
        }
    }

    /// How many entries were good so far.
    package private(set) var count = 0
    private var last: [UInt8] = []

    package init() {}

    /// The last entry's hash, to be noted elsewhere.
    package var head: String { AuditEntry.text(of: last) }

    /// Takes the next entry, as the administration gives it.
    package mutating func append(_ view: JSONView) throws(Fault) {
        guard let entry = AuditEntry(view) else {
            throw Fault(number: count + 1, reason: "it is no entry of such a log")
        }
        guard entry.number == count + 1 else {
            throw Fault(number: count + 1, reason: "it is missing: number \(entry.number) comes in its place")
        }
        // What no hash covers, such as a member more, is seen by this alone.
        var writer = JSONWriter()
        entry.write(to: &writer)
        guard writer.bytes.elementsEqual(view.raw) else {
            throw Fault(number: entry.number, reason: "it is not written as the log has it")
        }
        guard entry.chained(to: last) == entry.hash else {
            throw Fault(number: entry.number, reason: "it is not what was written, or an entry before it is not")
        }
        count += 1
        last = entry.hash
    }
}

extension AuditEntry {
    fileprivate init?(_ view: JSONView) {
        guard let number = view["number"]?.int, let at = view["at_ms"]?.int, let actor = view["actor"]?.string,
            let act = view["act"]?.string, let subject = view["subject"]?.string,
            let hash = view["hash"]?.string.flatMap(Self.bytes)
        else { return nil }
        self.number = number
        self.at = at
        self.actor = actor
        self.act = act
        self.subject = subject
        self.hash = hash
        address = view["address"]?.string
        tenant = view["tenant"]?.string
        before = Self.raw(view["before"])
        after = Self.raw(view["after"])
    }

    private static func raw(_ view: JSONView?) -> String? {
        view.flatMap { $0.isNull ? nil : String(decoding: $0.raw, as: UTF8.self) }
    }

    private static func bytes(of text: String) -> [UInt8]? {
        let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == text.utf8.count, digits.count == 64 else { return nil }
        return stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// Bytes in hexadecimal.
    static func text(of bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

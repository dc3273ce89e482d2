import JSON
import NIOCore

/// The items of a conversation as a list, each in the form of a stored one: with an id, a type and a status.
struct ItemList {
    private var items: [StoredItem] = []

    /// Adds a run of items of the response with this number.
    mutating func append(_ run: ByteBuffer, of number: Int, isOutput: Bool) {
        for (place, view) in Self.elements(of: run).enumerated() where view.kind == .object {
            items.append(StoredItem(view, madeID: "\(number)\(isOutput ? "o" : "i")\(place)"))
        }
    }

    /// The page in the shape of OpenAI's lists.
    func body(of page: ItemPage) -> [UInt8] {
        let ordered = page.isAscending ? items : items.reversed()
        let start =
            page.after.map { after in ordered.firstIndex { $0.id == after }.map { $0 + 1 } ?? ordered.count } ?? 0
        let shown = ordered[start...].prefix(page.limit)
        var writer = JSONWriter(capacity: 4_096)
        writer.object { writer in
            writer.member("object", "list")
            writer.key("data")
            writer.array { writer in
                for item in shown { item.write(into: &writer) }
            }
            writer.member("first_id", shown.first.map { .string($0.id) } ?? .null)
            writer.member("last_id", shown.last.map { .string($0.id) } ?? .null)
            writer.member("has_more", start + shown.count < ordered.count)
        }
        return writer.bytes
    }

    /// The items of a run; it was cut out of a checked array, so that it cannot but be read.
    static func elements(of run: ByteBuffer) -> [JSONView] {
        guard run.readableBytes > 0 else { return [] }
        let text = [UInt8(ascii: "[")] + run.readableBytesView + [UInt8(ascii: "]")]
        return (try? JSONDocument(text)).map { Array($0.root.elements) } ?? []
    }
}

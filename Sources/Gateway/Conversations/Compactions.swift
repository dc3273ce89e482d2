import Dialects
import JSON
import NIOCore

/// The compactions among a conversation's items: ours become a message that every model understands.
struct Compactions {
    let seal: Seal
    let owner: Owner
    /// Whether the provider makes and opens compactions itself.
    let providerUnderstands: Bool

    /// What has to change in an array of items.
    struct Changes {
        /// Ranges count from the array's opening bracket.
        var edits: [JSONEdit] = []
        /// The item at the end that asks for a compaction of all before it; nil where there is none, or where it is the
        /// provider's to answer.
        var trigger: Range<Int>?
    }

    /// Looks through an array of items, brackets included.
    ///
    /// - Throws: `Refusal` 400 by name for a compaction that cannot be opened.
    func changes(in array: ByteBuffer) throws(Refusal) -> Changes {
        guard Self.mayHold(array) else { return Changes() }
        return try changes(inText: Array(array.readableBytesView))
    }

    /// The same history with our compactions opened; pieces without one are not touched.
    func opened(_ history: History) throws(Refusal) -> History {
        guard history.pieces.contains(where: Self.mayHold) else { return history }
        var opened = History()
        for piece in history.pieces {
            guard Self.mayHold(piece) else {
                opened.append(input: piece, output: ByteBuffer())
                continue
            }
            let array = [UInt8(ascii: "[")] + piece.readableBytesView + [UInt8(ascii: "]")]
            let edits = try changes(inText: array).edits.map { edit in
                BodyEdit(
                    JSONEdit(
                        range: edit.range.lowerBound - 1..<edit.range.upperBound - 1,
                        replacement: edit.replacement
                    )
                )
            }
            opened.append(input: edits.applied(to: piece).contiguous, output: ByteBuffer())
        }
        return opened
    }

    private func changes(inText array: [UInt8]) throws(Refusal) -> Changes {
        var changes = Changes()
        // It was cut out of a checked text, so that it cannot but be read.
        guard let root = (try? JSONDocument(array))?.root else { return changes }
        var trigger: JSONView?
        for item in root.elements {
            if let trigger { throw Self.misplaced(trigger) }
            switch item["type"]?.string {
            case "compaction", "context_compaction", "compaction_summary":
                guard let message = try open(item) else { continue }
                changes.edits.append(JSONEdit(range: item.range, replacement: message))
            case "compaction_trigger" where !providerUnderstands: trigger = item
            default: break
            }
        }
        changes.trigger = trigger?.range
        return changes
    }

    /// The message that a compaction becomes; nil for one that the provider opens.
    private func open(_ item: JSONView) throws(Refusal) -> [UInt8]? {
        guard let sealed = item["encrypted_content"]?.string, Seal.isOurs(sealed) else {
            if providerUnderstands { return nil }
            throw Refusal(
                .badCompaction,
                "An item of the type \(item["type"]?.string ?? "") was not made by this gateway, and only its maker can open it.",
                field: "input"
            )
        }
        guard let summary = seal.open(sealed, for: owner) else {
            throw Refusal(
                .badCompaction,
                "A compaction in the input cannot be opened: it was changed, or was made for another client.",
                field: "input"
            )
        }
        return CompactionWords.message(CompactionWords.introduction + summary)
    }

    private static func misplaced(_ trigger: JSONView) -> Refusal {
        Refusal(.badCompaction, "A compaction_trigger must be the last item of the input.", field: "input")
    }

    /// Whether the bytes may hold an item of such a type; most conversations do not, and are not read for it.
    private static func mayHold(_ bytes: ByteBuffer) -> Bool {
        bytes.withUnsafeReadableBytes { bytes in
            // The first look is for those that do not even speak of it.
            ByteScan.holds("compaction", in: bytes)
                && (ByteScan.holds("\"compaction", in: bytes) || ByteScan.holds("_compaction\"", in: bytes))
        }
    }
}

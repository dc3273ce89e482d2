import JSON
import NIOCore

/// Puts a conversation's history in front of the items of the request that continues it.
///
/// Every other member stays as it is and where it is. What results is what a caller would have sent that keeps its
/// conversation itself.
struct ContinuedRequest: Sendable {
    /// The edits of the request's body, to be applied together with others of other members.
    let edits: [BodyEdit]

    /// For the body that `turn` and `index` were made of.
    ///
    /// An empty history changes no items. `keepsPreviousID` leaves `previous_response_id` where it is, for a reader that
    /// wants to repeat it.
    init(
        _ turn: TurnMembers,
        _ index: JSONIndex,
        in body: ByteBuffer,
        behind history: History,
        keepsPreviousID: Bool = false
    ) {
        guard !history.isEmpty || (turn.previous != nil && !keepsPreviousID) else {
            edits = []
            return
        }
        var changes = JSONEdits(index)
        if let previous = turn.previous, !keepsPreviousID { changes.remove(previous) }
        var edits: [BodyEdit] = []
        switch turn.input {
        case _ where history.isEmpty: break
        case nil: changes.insert("input", raw: Array("[]".utf8))
        case .some(let input):
            edits.append(Self.edit(input, own: ItemRun.input(of: turn, in: body), history))
        }
        edits += changes.list.map { edit in
            guard edit.range == index.closing..<index.closing else { return BodyEdit(edit) }
            return BodyEdit(range: edit.range, replacement: Self.filling(edit.replacement, history))
        }
        self.edits = edits
    }

    /// The whole body in slices.
    func parts(of body: ByteBuffer) -> [ByteBuffer] { edits.applied(to: body) }

    private static func edit(_ input: JSONIndex.Member, own: ByteBuffer, _ history: History) -> BodyEdit {
        var parts = history.joined
        if own.readableBytes > 0 { parts.append(History.comma) }
        if input.kind == .array {
            let start = input.value.lowerBound + 1
            return BodyEdit(range: start..<start, replacement: parts)
        }
        if own.readableBytes > 0 { parts.append(own) }
        return BodyEdit(range: input.value, replacement: [opening] + parts + [closing])
    }

    /// A member that was written with an empty array, which comes last in it.
    private static func filling(_ member: [UInt8], _ history: History) -> [ByteBuffer] {
        [ByteBuffer(bytes: member.dropLast())] + history.joined + [closing]
    }

    private static let opening = ByteBuffer(string: "[")
    private static let closing = ByteBuffer(string: "]")
}

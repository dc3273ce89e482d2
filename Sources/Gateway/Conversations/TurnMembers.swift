import Dialects
import Inference
import JSON
import NIOCore

/// What a Responses request says of the conversation that it belongs to.
struct TurnMembers: Sendable {
    /// A text, an array, or null; nil where the request has none.
    private(set) var input: JSONIndex.Member?
    /// `previous_response_id`, null included.
    private(set) var previous: JSONIndex.Member?
    private(set) var previousResponseID: String?
    /// Whether the answer may be kept; `store` is true where the caller does not say.
    private(set) var stores = true
    /// Whether the caller wants to fetch the answer later.
    private(set) var isBackground = false

    /// Reads the members of a body that `index` was made of.
    ///
    /// - Throws: `invalidRequest` with the field, for a member of the wrong kind.
    init(_ index: JSONIndex, in body: ByteBuffer) throws(InferenceError) {
        self = try body.withUnsafeReadableBytes { (bytes) throws(InferenceError) in
            var members = TurnMembers()
            for member in index.members { try members.read(member, index, bytes.bytes) }
            return members
        }
    }

    private init() {}

    private mutating func read(
        _ member: JSONIndex.Member,
        _ index: JSONIndex,
        _ bytes: RawSpan
    ) throws(InferenceError) {
        // No name is shorter or longer than these, and none of the others need be unescaped.
        guard member.keyIsEscaped || Self.lengths.contains(member.key.count) else { return }
        let name = index.name(member, in: bytes)
        switch name {
        case "input": input = member
        case "previous_response_id":
            previous = member
            guard member.kind != .null else { return }
            guard let id = index.string(member, in: bytes) else { throw Self.wrong(name, "a string", member) }
            previousResponseID = id
        case "store": stores = try Self.flag(name, member, index, bytes) ?? true
        case "background": isBackground = try Self.flag(name, member, index, bytes) ?? false
        default: break
        }
    }

    private static func flag(
        _ name: String,
        _ member: JSONIndex.Member,
        _ index: JSONIndex,
        _ bytes: RawSpan
    ) throws(InferenceError) -> Bool? {
        guard member.kind != .null else { return nil }
        guard let flag = index.bool(member, in: bytes) else { throw wrong(name, "a boolean", member) }
        return flag
    }

    private static func wrong(_ name: String, _ noun: String, _ member: JSONIndex.Member) -> InferenceError {
        InferenceError(
            .invalidRequest,
            "\(name) must be \(noun), not \(member.kind.noun).",
            field: name,
            detail: "wrong_type",
            offset: member.value.lowerBound
        )
    }

    /// The lengths of the names that are read.
    private static let lengths: Set<Int> = [5, 10, 20]
}

import Dialects
import Inference
import JSON
import NIOCore

/// What a client says in a session.
enum ClientMessage {
    case create(CreateMessage)
    /// The client has dealt with a response; nothing follows from it.
    case processed

    /// Reads a message, strictly; `preset` gives what a warm-up left for the request that goes on from it.
    ///
    /// - Throws: `invalidRequest` for bytes that are no JSON object, and for a message of another type.
    init(_ message: ByteBuffer, preset: (String) -> Preset?) throws(InferenceError) {
        let index = try Self.index(message)
        let kind = message.withUnsafeReadableBytes { bytes in
            index.member("type", in: bytes.bytes).flatMap { index.string($0, in: bytes.bytes) }
        }
        switch kind {
        case "response.create": self = .create(try CreateMessage(message, index, preset: preset))
        case "response.processed": self = .processed
        default:
            throw InferenceError(
                .invalidRequest,
                "A message's type has to be response.create, not \(kind.map { "'\($0.prefix(100))'" } ?? "nothing").",
                field: "type",
                detail: "unknown_message"
            )
        }
    }

    private static func index(_ message: ByteBuffer) throws(InferenceError) -> JSONIndex {
        try message.withUnsafeReadableBytes { (bytes) throws(InferenceError) in
            do throws(JSONError) { return try JSONIndex(scanning: bytes.bytes) } catch {
                throw InferenceError(request: error)
            }
        }
    }
}

/// What a warm-up says once for the requests that go on from it.
struct Preset {
    /// As they are written; nil where the warm-up had none.
    var instructions: [UInt8]?
    var tools: [UInt8]?

    var bytes: Int { (instructions?.count ?? 0) + (tools?.count ?? 0) }
}

/// A request for a response: what a client would send by `POST`, and what only a session has.
struct CreateMessage {
    /// As `POST /v1/responses` takes it.
    let body: ByteBuffer
    /// The items of this turn alone, in memory of their own.
    let input: ByteBuffer
    let previousResponseID: String?
    /// Whether the client only lays down what it will go on from (`generate: false`).
    let isWarmUp: Bool
    let preset: Preset

    fileprivate init(
        _ message: ByteBuffer,
        _ index: JSONIndex,
        preset: (String) -> Preset?
    ) throws(InferenceError) {
        let turn = try TurnMembers(index, in: message)
        previousResponseID = turn.previousResponseID
        input = ItemRun.compact(ItemRun.input(of: turn, in: message))
        let inherited = turn.previousResponseID.flatMap(preset)
        let members = MessageMembers(index, message)
        if members.named("stream_id") != nil { throw Self.unsupported }
        isWarmUp = try members.flag("generate") == false
        self.preset = Preset(instructions: members.raw("instructions"), tools: members.raw("tools"))
        var edits = JSONEdits(index)
        for name in ["type", "generate"] { if let member = members.named(name) { edits.remove(member) } }
        if let stream = members.named("stream") {
            edits.replace(stream, with: .bool(true))
        } else {
            edits.insert("stream", .bool(true))
        }
        for (name, value) in [("instructions", inherited?.instructions), ("tools", inherited?.tools)] {
            if let value, members.named(name) == nil { edits.insert(name, raw: value) }
        }
        body = message.withUnsafeReadableBytes { ByteBuffer(bytes: edits.apply(to: $0.bytes)) }
    }

    private static let unsupported = InferenceError(
        .invalidRequest,
        "stream_id is not supported: a session runs one response at a time. Open a second connection for a second one.",
        field: "stream_id",
        detail: "unsupported_member"
    )
}

/// The members of a message by their names.
private struct MessageMembers {
    private let index: JSONIndex
    private let message: ByteBuffer

    init(_ index: JSONIndex, _ message: ByteBuffer) {
        self.index = index
        self.message = message
    }

    func named(_ name: String) -> JSONIndex.Member? {
        message.withUnsafeReadableBytes { index.member(name, in: $0.bytes) }
    }

    /// A member's value as it is written; nil for null.
    func raw(_ name: String) -> [UInt8]? {
        guard let member = named(name), member.kind != .null else { return nil }
        return message.withUnsafeReadableBytes { Array($0[member.value]) }
    }

    /// A member's truth; nil where it does not stand or is null.
    func flag(_ name: String) throws(InferenceError) -> Bool? {
        guard let member = named(name), member.kind != .null else { return nil }
        let value = message.withUnsafeReadableBytes { index.bool(member, in: $0.bytes) }
        guard let value else {
            throw InferenceError(
                .invalidRequest,
                "\(name) must be a boolean, not \(member.kind.noun).",
                field: name,
                detail: "wrong_type",
                offset: member.value.lowerBound
            )
        }
        return value
    }
}

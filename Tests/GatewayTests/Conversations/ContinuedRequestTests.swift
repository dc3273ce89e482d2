import Dialects
import Inference
import JSON
import NIOCore
import Testing

@testable import Gateway

@Suite("A request that continues a conversation")
struct ContinuedRequestTests {
    /// A body whose bytes begin somewhere inside of their buffer, as those do that come off a connection.
    private static func buffer(_ text: String) -> ByteBuffer {
        var buffer = ByteBuffer(string: "GARBAGE" + text)
        buffer.moveReaderIndex(forwardBy: 7)
        return buffer
    }

    private static func continued(
        _ text: String,
        behind history: History,
        keepsPreviousID: Bool = false
    ) throws -> String {
        let body = buffer(text)
        let index = try JSONIndex(scanning: Array(body.readableBytesView))
        let turn = try TurnMembers(index, in: body)
        let request = ContinuedRequest(turn, index, in: body, behind: history, keepsPreviousID: keepsPreviousID)
        return String(buffer: request.parts(of: body).contiguous)
    }

    private static func history(_ pieces: [(String, String)]) -> History {
        var history = History()
        for piece in pieces { history.append(input: buffer(piece.0), output: buffer(piece.1)) }
        return history
    }

    @Test(
        "the history stands before the request's own items, and previous_response_id is gone",
        arguments: [
            (#"{"model":"m","previous_response_id":"r","input":[3]}"#, #"{"model":"m","input":[1,2,3]}"#),
            (#"{"input":[3 , 4],"previous_response_id":"r"}"#, #"{"input":[1,2,3 , 4]}"#),
            (#"{"previous_response_id":"r","input":[ ]}"#, #"{"input":[1,2 ]}"#),
            (#"{"previous_response_id":"r","input":[]}"#, #"{"input":[1,2]}"#),
            (#"{"model":"m","previous_response_id":"r"}"#, #"{"model":"m","input":[1,2]}"#),
            (#"{"previous_response_id":"r"}"#, #"{"input":[1,2]}"#),
            (#"{"input":null, "previous_response_id":"r"}"#, #"{"input":[1,2]}"#),
            (
                #"{"\u0069nput":"a\"b","previous_response\u005fid":"r"}"#,
                #"{"\u0069nput":[1,2,{"type":"message","role":"user","content":[{"type":"input_text","text":"a\"b"}]}]}"#
            ),
        ]
    )
    func shapes(_ body: String, _ expected: String) throws {
        #expect(try Self.continued(body, behind: Self.history([("1", "2")])) == expected)
    }

    @Test("without a history only previous_response_id goes")
    func noHistory() throws {
        let body = #"{"model":"m","input":"hi","previous_response_id":"r","x":[ 1]}"#
        #expect(try Self.continued(body, behind: History()) == #"{"model":"m","input":"hi","x":[ 1]}"#)
        #expect(try Self.continued(body, behind: History(), keepsPreviousID: true) == body)
    }

    @Test("whatever stands around it, every other member stays and the items are the history's and its own")
    func property() throws {
        var numbers = Seeded(seed: 4)
        for _ in 0..<2_000 {
            let own = Self.items(&numbers)
            let turns = (0..<Int.random(in: 0...4, using: &numbers)).map { _ in
                (Self.items(&numbers), Self.items(&numbers))
            }
            let request = Self.request(own: own, &numbers)
            var history = History()
            for turn in turns {
                history.append(input: Self.buffer(Self.run(turn.0)), output: Self.buffer(Self.run(turn.1)))
            }
            let text = try Self.continued(request.text, behind: history)
            let root = try JSONValue(parsing: Array(text.utf8))
            let sent = try JSONValue(parsing: Array(request.text.utf8))
            let wanted = turns.flatMap { $0.0 + $0.1 } + request.items
            let others = { (value: JSONValue) in
                value.object?.members.filter { !["input", "previous_response_id"].contains($0.key) }.map(\.key) ?? []
            }
            #expect(root["previous_response_id"] == nil)
            #expect(others(root) == others(sent))
            for key in others(root) { #expect(root[key] == sent[key]) }
            if history.isEmpty {
                #expect(root["input"] == sent["input"])
            } else {
                #expect(root["input"]?.array == wanted)
            }
            #expect(history.bytes == history.pieces.reduce(0) { $0 + $1.readableBytes })
        }
    }

    @Test("adding a turn copies nothing that is there")
    func nothingIsCopied() throws {
        var history = Self.history([(String(repeating: "1", count: 4_096), "2")])
        let before = history.pieces[0].withUnsafeReadableBytes { $0.baseAddress }
        history.append(input: Self.buffer("3"), output: Self.buffer(""))
        #expect(history.pieces.map(\.readableBytes) == [4_096, 1, 1])
        #expect(history.pieces[0].withUnsafeReadableBytes { $0.baseAddress } == before)
        #expect(history.joined[0].withUnsafeReadableBytes { $0.baseAddress } == before)
    }

    @Test(
        "a response's items are what stands in its output",
        arguments: [
            (#"{"id":"r","output":[ {"a":[1]} , {"b":2}]}"#, #"{"a":[1]} , {"b":2}"#), (#"{"output":[ ]}"#, ""),
            (#"{"output":{}}"#, nil), (#"{"id":1}"#, nil), ("[1", nil),
        ] as [(String, String?)]
    )
    func output(_ response: String, _ expected: String?) {
        #expect(ItemRun.output(of: Self.buffer(response)).map { String(buffer: $0) } == expected)
    }

    @Test(
        "members of the wrong kind are refused by name",
        arguments: [
            (#"{"store":1}"#, "store"), (#"{"background":"no"}"#, "background"),
            (#"{"previous_response_id":[]}"#, "previous_response_id"),
        ]
    )
    func wrongKinds(_ body: String, _ field: String) throws {
        let index = try JSONIndex(scanning: Array(body.utf8))
        let error = #expect(throws: InferenceError.self) { try TurnMembers(index, in: ByteBuffer(string: body)) }
        #expect(error?.field == field)
    }

    @Test("an answer is stored unless the caller says no, and null says nothing")
    func defaults() throws {
        for (body, stores) in [("{}", true), (#"{"store":null}"#, true), (#"{"store":false}"#, false)] {
            let index = try JSONIndex(scanning: Array(body.utf8))
            #expect(try TurnMembers(index, in: ByteBuffer(string: body)).stores == stores)
        }
    }

    // MARK: Random requests

    private static func items(_ numbers: inout Seeded) -> [JSONValue] {
        (0..<Int.random(in: 0...3, using: &numbers)).map { _ in
            let text = ["a", "\"quoted\", [1]", "é\n", ""].randomElement(using: &numbers) ?? ""
            return ["type": "message", "role": "user", "content": .string(text), "n": [1, ["deep": .null]]]
        }
    }

    /// The items as a run, with or without white space.
    private static func run(_ items: [JSONValue]) -> String {
        items.map { String(decoding: $0.bytes, as: UTF8.self) }.joined(separator: " ,\n ")
    }

    private static func request(
        own: [JSONValue],
        _ numbers: inout Seeded
    ) -> (text: String, items: [JSONValue]) {
        var members = [
            #""model":"m""#, #""store" : true"#, #""tools":[{"input":[1]}]"#,
            #""metadata":{"previous_response_id":"x"}"#,
        ]
        if Bool.random(using: &numbers) { members.append(#""previous_response_id":"resp_1""#) }
        var items = own
        switch Int.random(in: 0...3, using: &numbers) {
        case 0: items = []
        case 1:
            items = []
            members.append(#""input":null"#)
        case 2:
            let text: JSONValue = "a \"text\" é"
            items = [["type": "message", "role": "user", "content": [["type": "input_text", "text": text]]]]
            members.append("\"input\":\(String(decoding: text.bytes, as: UTF8.self))")
        default: members.append("\"input\": [ \(run(own))\n]")
        }
        members.shuffle(using: &numbers)
        return ("{ " + members.joined(separator: " , ") + " }", items)
    }
}

/// Numbers that are the same in every run.
private struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}

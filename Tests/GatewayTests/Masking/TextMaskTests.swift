import Inference
import JSON
import Testing

@testable import Gateway

@Suite("Masking of requests and their answers")
struct TextMaskTests {
    @Test("keeps JSON what it is, and masks what its strings say")
    func json() throws {
        let text = #"{"a@example.com":["x\nb@example.com","c\u0040example.com",4111111111111111,12,true],"n":-1.5e3}"#
        var mask = TextMask(MaskRules())
        let masked = mask.maskedJSON(Array(text.utf8))
        let expected = #"{"[EMAIL_1]":["x\n[EMAIL_2]","[EMAIL_3]","[CARD_1]",12,true],"n":-1.5e3}"#
        #expect(String(decoding: masked, as: UTF8.self) == expected)
        _ = try JSONDocument(masked)
    }

    @Test("masks JSON within a string, and within that one, as the JSON it is")
    func nested() throws {
        let inner = #"{"to":"\nbob@example.com","at":"c\u0040example.com","no":4111111111111111,"n":1}"#
        let maskedInner = #"{"to":"\n[EMAIL_1]","at":"[EMAIL_2]","no":"[CARD_1]","n":1}"#
        var mask = TextMask(MaskRules())
        var text = " " + inner
        mask.mask(&text)
        #expect(text == " " + maskedInner)
        let middle = JSONValue.array([.string(inner), .string("bob@example.com")]).bytes
        let outer = JSONValue.object(["x": .string(String(decoding: middle, as: UTF8.self))]).bytes
        let root = try JSONDocument(mask.maskedJSON(outer)).root
        let back = try JSONDocument(try #require(root["x"]?.string)).root
        #expect(back[0]?.string == maskedInner && back[1]?.string == "[EMAIL_1]")
        for text in ["[see ada@example.com]", "{ada@example.com}"] {
            var other = text
            mask.mask(&other)
            #expect(other == text.replacing("ada@example.com", with: "[EMAIL_3]"))
        }
    }

    @Test("leaves nothing at a cut of JSON within a string")
    func nestedCut() {
        let inner = #"{"a":"\n ada\u0040example.com and on"}"#
        let text = JSONValue.object(["x": .string(inner)]).bytes
        for end in text.indices {
            var mask = TextMask(MaskRules())
            let masked = String(decoding: mask.maskedJSON(Array(text[..<end]), isWhole: false), as: UTF8.self)
            #expect(!masked.contains("ada"), "\(masked)")
        }
    }

    @Test("never copies what it found so far")
    func isLinear() {
        let addresses = (0..<20_000).map { "a\($0)@example.com" }
        var mask = TextMask(MaskRules())
        for var address in addresses { mask.mask(&address) }
        #expect(mask.map.count == addresses.count && mask.map.copies == 0)
        var lists = TextMask(MaskRules())
        for start in stride(from: 0, to: addresses.count, by: 10) {
            _ = lists.maskedJSON(JSONValue.array(addresses[start..<start + 10].map { .string($0) }).bytes)
        }
        #expect(lists.map.count == addresses.count && lists.map.copies == 0)
        let held = mask.map
        var other = "b@example.com"
        mask.mask(&other)
        #expect(mask.map.copies == 1 && held.count == addresses.count)
    }

    @Test("masks an object's members in no more than one walk")
    func manyMembers() {
        let members = (0..<20_000).map { JSONObject.Member("k\($0)", .string("a")) }
        var object = JSONObject(members + [JSONObject.Member("last", "a@example.com")])
        var mask = TextMask(MaskRules())
        let time = ContinuousClock().measure { mask.mask(&object) }
        #expect(object.members.last?.value == "[EMAIL_1]" && object.count == 20_001)
        // Setting each by its name takes 200 million comparisons of names: minutes in a debug build.
        #expect(time < .seconds(10))
    }

    @Test("masks names below the first level and long numbers of members that have no name here")
    func rest() {
        var object: JSONObject = [
            "metadata": ["a@example.com": [4_111_111_111_111_111, 12, "b@example.com"]], "a@example.com": true,
        ]
        var mask = TextMask(MaskRules())
        mask.mask(&object)
        #expect(
            object == ["metadata": ["[EMAIL_1]": ["[CARD_1]", 12, "[EMAIL_2]"]], "a@example.com": true]
        )
    }

    @Test("leaves out a speaker's name that has to be masked, and says so")
    func names() {
        let messages = ["ada", "ada@example.com", nil].map { Message(.user, [.text("hi")], name: $0) }
        var request = InferenceRequest(model: "m", messages: messages)
        var mask = TextMask(MaskRules())
        #expect(mask.mask(&request) == ["messages[].name"])
        #expect(request.messages.map(\.name) == ["ada", nil, nil])
        #expect(mask.mask(&request).isEmpty)
    }

    @Test("leaves the numbers of schemas what they are")
    func schemas() {
        let schema: JSONValue = ["maximum": 4_111_111_111_111_111, "default": "a@example.com"]
        let masked: JSONValue = ["maximum": 4_111_111_111_111_111, "default": "[EMAIL_1]"]
        var request = InferenceRequest(
            model: "m",
            messages: [],
            tools: [.function(FunctionTool(name: "f", parameters: JSONFragment(schema)))],
            outputFormat: .schema(OutputSchema(name: "s", schema: schema))
        )
        var mask = TextMask(MaskRules())
        #expect(mask.mask(&request).isEmpty)
        #expect(request.tools == [.function(FunctionTool(name: "f", parameters: JSONFragment(masked)))])
        #expect(request.outputFormat == .schema(OutputSchema(name: "s", schema: masked)))
    }

    @Test("leaves nothing at a cut that could have gone on")
    func cut() {
        let text = Array(#"{"a":"é\n mail ada@example.com"}"#.utf8)
        for end in text.indices {
            var mask = TextMask(MaskRules())
            let masked = String(decoding: mask.maskedJSON(Array(text[..<end]), isWhole: false), as: UTF8.self)
            #expect(!masked.contains("ada") && !masked.contains("\u{FFFD}"), "\(masked)")
            #expect(#"{"a":"é\n mail [EMAIL_1]"}"#.hasPrefix(masked), "\(masked)")
        }
    }

    @Test(
        "masks what is no JSON as a text",
        arguments: [
            "ada@example.com", "\"ada@example.com", "{} ada@example.com", "{\"a\": ada@example.com",
            "\"\\q ada@example.com\"",
        ]
    )
    func noJSON(_ text: String) {
        for isWhole in [false, true] {
            var mask = TextMask(MaskRules())
            let masked = String(decoding: mask.maskedJSON(Array(text.utf8), isWhole: isWhole), as: UTF8.self)
            #expect(!masked.contains("ada@"), "\(masked)")
        }
    }

    @Test("masks every text of a request with one numbering, and JSON arguments within their strings")
    func request() throws {
        let call = ToolCall(id: "c", name: "f", arguments: #"{"to":"a@example.com\n"}"#)
        let request = InferenceRequest(
            model: "m",
            messages: [
                Message(.system, "For a@example.com."), Message(.user, "Ask b@example.com"),
                Message(.assistant, [.reasoning(Reasoning(text: "a@example.com?")), .toolCall(call)]),
                Message(.tool, [.toolResult(ToolResult(callID: "c", "b@example.com said +81 90-1234-5678"))]),
            ],
            tools: [
                .function(FunctionTool(name: "f", description: "b@example.com", parameters: ["x": "a@example.com"]))
            ],
            rest: ["user": "a@example.com"]
        )
        var masked = request
        var mask = TextMask(MaskRules())
        #expect(mask.mask(&masked).isEmpty)
        let maskedCall = ToolCall(id: "c", name: "f", arguments: #"{"to":"[EMAIL_1]\n"}"#)
        #expect(
            masked
                == InferenceRequest(
                    model: "m",
                    messages: [
                        Message(.system, "For [EMAIL_1]."), Message(.user, "Ask [EMAIL_2]"),
                        Message(.assistant, [.reasoning(Reasoning(text: "[EMAIL_1]?")), .toolCall(maskedCall)]),
                        Message(.tool, [.toolResult(ToolResult(callID: "c", "[EMAIL_2] said [PHONE_1]"))]),
                    ],
                    tools: [
                        .function(FunctionTool(name: "f", description: "[EMAIL_2]", parameters: ["x": "[EMAIL_1]"]))
                    ],
                    rest: ["user": "[EMAIL_1]"]
                )
        )
    }

    private static var map: MaskMap {
        var map = MaskMap()
        _ = map.placeholder(for: Array("a@example.com".utf8), "EMAIL")
        _ = map.placeholder(for: Array("two\n\"lines\"".utf8), "SECRET")
        return map
    }

    /// An answer with placeholders in all of its parts, and what becomes of it.
    private static let text = "Dear [EMAIL_1], [EMAIL_2] [x] [SECRET_1]"
    private static let arguments = #"{"a":["[EMAIL_1]","[SECRET_1]"]}"#
    private static let restored = #"{"a":["a@example.com","two\n\"lines\""]}"#

    @Test("puts the originals into texts, thoughts and arguments, however they are cut", arguments: 1...12)
    func answer(_ size: Int) {
        func pieces(_ text: String) -> [String] {
            let all = Array(text)
            return stride(from: 0, to: all.count, by: size).map { String(all[$0..<min($0 + size, all.count)]) }
        }
        var events: [InferenceEvent] = [.started(id: "i", model: "m")]
        events += pieces("Hm, [EMAIL_1").map { .reasoningDelta($0) }
        events.append(.reasoningFinished(id: nil, signature: nil, encrypted: nil))
        events += pieces(Self.text).flatMap { [.textDelta($0), .logprobs([])] }
        events.append(.toolCallStarted(index: 0, ToolCall(id: "c", name: "f")))
        events += pieces(Self.arguments).map { .toolCallArgumentsDelta(index: 0, $0) }
        events.append(.toolCallFinished(index: 0, ToolCall(id: "c", name: "f", arguments: Self.arguments)))
        events.append(.finished(.toolCalls))
        var unmasking = AnswerUnmasking(Self.map)
        var answer = InferenceAnswer()
        var streamed = ""
        for event in events.flatMap({ unmasking.rewrite([$0]) }) {
            answer.apply(event)
            if case .toolCallArgumentsDelta(_, let delta) = event { streamed += delta }
        }
        #expect(answer.text == "Dear a@example.com, [EMAIL_2] [x] two\n\"lines\"")
        #expect(answer.message.content.first == .reasoning(Reasoning(text: "Hm, [EMAIL_1")))
        #expect(answer.toolCalls == [ToolCall(id: "c", name: "f", arguments: Self.restored)])
        #expect(streamed == Self.restored)
        #expect(answer.stopReason == .toolCalls)
    }

    @Test("escapes the originals in a text that is JSON, and in no refusal", arguments: [1, 7, 100])
    func jsonAnswer(_ size: Int) throws {
        let all = Array(#"{"a":"[SECRET_1]"}"#)
        var unmasking = AnswerUnmasking(Self.map, textIsJSON: true)
        var answer = InferenceAnswer()
        var refusal = ""
        var events = stride(from: 0, to: all.count, by: size).map {
            InferenceEvent.textDelta(String(all[$0..<min($0 + size, all.count)]))
        }
        events += [.refusalDelta("[SECRET_1]"), .finished(.endTurn)]
        for event in unmasking.rewrite(events) {
            answer.apply(event)
            if case .refusalDelta(let delta) = event { refusal += delta }
        }
        #expect(answer.text == #"{"a":"two\n\"lines\""}"#)
        #expect(refusal == "two\n\"lines\"")
    }

    @Test("changes nothing where nothing was masked")
    func untouched() {
        var unmasking = AnswerUnmasking(MaskMap())
        #expect(unmasking.rewrite([.textDelta("[EMAIL_1")]) == [.textDelta("[EMAIL_1")])
    }
}

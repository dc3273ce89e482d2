import Inference
import JSON
import Testing

@testable import Dialects

private let shell = FunctionTool(
    name: "shell",
    parameters: [
        "type": "object",
        "properties": [
            "command": ["type": "array", "items": ["type": "string"]], "workdir": ["type": "string"],
        ],
        "required": ["command"],
    ]
)

private let say = FunctionTool(
    name: "say",
    parameters: ["type": "object", "properties": ["text": ["type": ["string", "null"]]]]
)

@Suite("Arguments as the object that they have to be")
struct FunctionArgumentsTests {
    @Test(
        "whatever a model writes becomes an object",
        arguments: [
            ("", "{}"), (" \n", "{}"), ("{}", "{}"), (#"{"text": "x"}"#, #"{"text": "x"}"#),
            ("```json\n{\"text\":\"x\"}\n```", #"{"text":"x"}"#), ("```{\"text\":\"x\"}```", #"{"text":"x"}"#),
            (#"json{"text":"x",}"#, #"{"text":"x"}"#),
            // Put into quotes once too often.
            (#""{\"text\":\"a\\nb\"}""#, #"{"text":"a\nb"}"#), (#""{'text': 'x'}""#, #"{"text": "x"}"#),
            // A bare text for the one parameter.
            (#""hello""#, #"{"text":"hello"}"#), ("hello \"you\"", #"{"text":"hello \"you\""}"#),
            ("*** Begin\n", #"{"text":"*** Begin\n"}"#), ("42", #"{"text":"42"}"#),
        ]
    )
    func texts(_ text: String, _ object: String) {
        #expect(FunctionArguments.object(of: text, for: say) == object)
    }

    @Test(
        "a bare list is the one parameter that is a list",
        arguments: [
            (#"["ls", "-la"]"#, #"{"command":["ls", "-la"]}"#), ("['ls',]", #"{"command":["ls"]}"#),
            (#""[\"ls\"]""#, #"{"command":["ls"]}"#), ("ls -la", #"{"arguments":"ls -la"}"#),
        ]
    )
    func lists(_ text: String, _ object: String) {
        #expect(FunctionArguments.object(of: text, for: shell) == object)
    }

    @Test("what cannot be an object is wrapped in one, so that the client says what it misses")
    func wrapped() throws {
        let several = FunctionTool(
            name: "f",
            parameters: ["properties": ["a": ["type": "string"], "b": ["type": "string"]], "required": ["a", "b"]]
        )
        for function in [nil, several, FunctionTool(name: "g")] {
            for text in ["I will list them.", #"{"a":"cut"#, "[1]", "{[}"] {
                let object = try JSONValue(parsing: Array(FunctionArguments.object(of: text, for: function).utf8))
                #expect(object == ["arguments": .string(text)])
            }
        }
    }

    @Test("the history's arguments are an object for every provider, as they were where they are one")
    func history() throws {
        for (text, object) in [
            ("{\"a\": 1}", "{\"a\": 1}"), ("", "{}"), (#"{"a":"cut"#, #"{"arguments":"{\"a\":\"cut"}"#),
            ("[1]", #"{"arguments":"[1]"}"#), (#"{"a":1,"a":2}"#, #"{"arguments":"{\"a\":1,\"a\":2}"}"#),
        ] {
            var writer = JSONWriter()
            writer.argumentObject(text)
            #expect(String(decoding: writer.bytes, as: UTF8.self) == object)
        }
    }
}

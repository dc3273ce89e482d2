import JSON
import Testing

@testable import Dialects

/// Every way to cut a text in two, and scalar by scalar.
func cuts(_ text: String) -> [[String]] {
    let scalars = text.unicodeScalars
    var cuts = [[text], scalars.map { String($0) }]
    for place in scalars.indices.dropFirst() {
        cuts.append([String(scalars[..<place]), String(scalars[place...])])
    }
    return cuts
}

@Suite("Arguments that are almost JSON")
struct ArgumentMenderTests {
    private func mend(_ pieces: [String]) -> (text: String, ending: ArgumentMender.Ending) {
        var mender = ArgumentMender()
        var text = ""
        for piece in pieces { text += mender.take(piece) }
        let (rest, ending) = mender.finish()
        return (text + rest, ending)
    }

    @Test(
        "become JSON, the same at every cut",
        arguments: [
            // Closing brackets that are missing, or wrong.
            (#"{"a":1.5,"b":[true,{"c":"d"}"#, #"{"a":1.5,"b":[true,{"c":"d"}]}"#),
            (#"{"a":["b""#, #"{"a":["b"]}"#), (#"{"a":["b"}"#, #"{"a":["b"]}"#), ("{", "{}"),
            (#"{"a":{"b":null"#, #"{"a":{"b":null}}"#),
            // Commas.
            (#"{"a":1,}"#, #"{"a":1}"#), (#"{"a":[1, 2, ] , }"#, #"{"a":[1, 2 ]  }"#),
            (#"{"a":1,,"b":2}"#, #"{"a":1,"b":2}"#), (#"{"a":1 "b":2}"#, #"{"a":1 ,"b":2}"#),
            (#"{"a":[1 "y"]}"#, #"{"a":[1 ,"y"]}"#), (#"{"a":"x","#, #"{"a":"x"}"#),
            // Quotes.
            (#"{'a': 'b'}"#, #"{"a": "b"}"#), (#"{'a': 'it\'s', "b": 'say "x"'}"#, #"{"a": "it's", "b": "say \"x\""}"#),
            (#"{a: 1, b_c: "x", d: 'y'}"#, #"{"a": 1, "b_c": "x", "d": "y"}"#),
            (#"{"a":"print("x")"}"#, #"{"a":"print(\"x\")"}"#),
            (#"{"a":"f("x", y)","b":1}"#, #"{"a":"f(\"x\", y)","b":1}"#),
            (#"{"a":"say "hi", "you" all","b":1}"#, #"{"a":"say \"hi\", \"you\" all","b":1}"#),
            (#"{"a":["bash","-lc","echo "x" y"]}"#, #"{"a":["bash","-lc","echo \"x\" y"]}"#),
            // Within strings.
            ("{\"a\":\"x\ny\tz\r\u{1}\"}", #"{"a":"x\ny\tz\r\u0001"}"#),
            (#"{"a":"\d+\.swift \u12"}"#, #"{"a":"\\d+\\.swift \\u12"}"#),
            ("{\"a\":\"one \\\n two\"}", #"{"a":"one \\\n two"}"#),
            (#"{"a":"\ud83dx\udc4b\ud83d"}"#, #"{"a":"\ufffdx\ufffd\ufffd"}"#),
            // Words and numbers.
            (#"{"a":True,"b":None,"c":False,"d":undefined}"#, #"{"a":true,"b":null,"c":false,"d":null}"#),
            (#"{"a":01,"b":.5,"c":+1,"d":fast}"#, #"{"a":"01","b":".5","c":"+1","d":"fast"}"#),
            (#"{"a":,"b":}"#, #"{"a":null,"b":null}"#),
            // Something behind it.
            (#"{"a":1} and more"#, #"{"a":1} "#), ("{\"a\":1}\n```", "{\"a\":1}\n"),
            // Any root.
            ("['a', 'b']", #"["a", "b"]"#), (#"'a'"#, #""a""#),
        ]
    )
    func mended(_ text: String, _ expected: String) throws {
        #expect(throws: Never.self) { try JSONDocument(expected) }
        for pieces in cuts(text) {
            let result = mend(pieces)
            #expect(result.text == expected, "\(pieces)")
            #expect(result.ending == .whole, "\(pieces)")
        }
    }

    @Test(
        "are not made up where the end is missing",
        arguments: [
            (#"{"a":"rm -rf /tmp/x"#, #"{"a":"rm -rf /tmp/x"#), (#"{"a":12"#, #"{"a":"#), (#"{"a""#, #"{"a"#),
            (#"{"a":"#, #"{"a":"#), (#"{"a":tr"#, #"{"a":"#), (#"{"a":"x", "b"#, #"{"a":"x", "b"#),
            (#"{"a":"x\"#, #"{"a":"x"#), ("", ""), ("  ", "  "),
        ]
    )
    func cut(_ text: String, _ told: String) {
        for pieces in cuts(text) {
            let result = mend(pieces)
            #expect(result.text == told)
            #expect(result.ending == .cut)
        }
    }

    @Test(
        "go on as they stand where they are no JSON by far",
        arguments: ["*** Begin", #"{"a":1;"b":2}"#, "{[}", "{a b}", #""a" b"#, "[1] x", "word", "12"]
    )
    func hopeless(_ text: String) {
        for pieces in cuts(text) {
            let result = mend(pieces)
            #expect(result.ending == .hopeless)
            #expect(result.text.hasSuffix(text.suffix(1)))
        }
    }

    @Test("what is JSON stays as it is, to the byte")
    func identity() {
        var numbers = SeededNumbers(seed: 5)
        for _ in 0..<400 {
            let text = Self.json(&numbers, depth: 0)
            var pieces: [String] = []
            var rest = text.unicodeScalars[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...8, using: &numbers)
                pieces.append(String(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            let result = mend(pieces)
            #expect(result.ending == .whole)
            #expect(result.text.utf8.elementsEqual(text.utf8))
        }
    }

    @Test("what is said to be mended is JSON")
    func damage() {
        var numbers = SeededNumbers(seed: 11)
        var mended = 0
        for _ in 0..<3000 {
            let damaged = String(decoding: Self.json(&numbers, depth: 0).utf8.damaged(&numbers), as: UTF8.self)
            guard let text = ArgumentMender.mend(damaged) else { continue }
            do throws(JSONError) {
                _ = try JSONDocument(text)
                mended += 1
            } catch {
                // Which of two members of one name is meant cannot be known.
                if error.code != .duplicateKey { Issue.record("\(error): \(damaged) became \(text)") }
            }
        }
        #expect(mended > 500)
    }

    /// An object of anything, with white space between everything.
    private static func json(_ numbers: inout SeededNumbers, depth: Int) -> String {
        func space() -> String { ["", "", " ", "\n\t", "\r\n"].randomElement(using: &numbers) ?? "" }
        func string() -> String {
            let text =
                RandomRequest.text(&numbers) + (["", "\", \"x\": ", "',", "`{}`"].randomElement(using: &numbers) ?? "")
            return String(decoding: JSONValue.string(text).bytes, as: UTF8.self)
        }
        func value() -> String {
            switch Int.random(in: 0..<(depth > 3 ? 5 : 7), using: &numbers) {
            case 0: return ["0", "-1.5e3", "12"].randomElement(using: &numbers) ?? "0"
            case 1: return ["true", "false", "null"].randomElement(using: &numbers) ?? "null"
            case 2: return #""\ud83d\udc4b\u00e9\/\\\"""#
            case 3, 4: return string()
            case 5: return json(&numbers, depth: depth + 1)
            default:
                let list = (0..<Int.random(in: 0...3, using: &numbers)).map { _ in space() + value() + space() }
                return "[" + (list.isEmpty ? space() : list.joined(separator: ",")) + "]"
            }
        }
        let members = (0..<Int.random(in: 0...4, using: &numbers)).map { number in
            "\(space())\"n\(number)\(depth)\"\(space()):\(space())\(value())\(space())"
        }
        return "{" + (members.isEmpty ? space() : members.joined(separator: ",")) + "}"
    }
}

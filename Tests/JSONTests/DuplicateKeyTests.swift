import JSON
import Testing

/// Objects of every size: the scan compares few names one by one and many by a table.
@Suite("Duplicate keys")
struct DuplicateKeyTests {
    private func object(_ names: some Sequence<String>) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            for name in names { writer.member(name, 0) }
        }
        return writer.bytes
    }

    @Test("B2: any name of an object of any size is found again", arguments: [1, 2, 15, 16, 17, 40, 43, 100])
    func everyPosition(size: Int) throws {
        let lengths = [0, 5, 14, 15, 16, 30, 100]
        let names = (0..<size).map { "n\($0)" + String(repeating: "x", count: lengths[$0 % lengths.count]) }
        #expect(try JSONIndex(scanning: object(names)).members.count == size)
        for name in names {
            let error = #expect(throws: JSONError.self) { try JSONIndex(scanning: object(names + [name])) }
            #expect(error?.code == .duplicateKey)
            #expect(error?.offset == object(names).count)
        }
    }

    @Test("names that share their first or last sixteen bytes differ")
    func longNames() throws {
        let long = String(repeating: "a", count: 40)
        let names = [
            "", "a", "ab", long, long + "b", "b" + long, String(long.dropLast()), "\u{0}", "\u{0}\u{0}", "a\u{0}",
        ]
        #expect(try JSONIndex(scanning: object(names)).members.count == names.count)
    }

    @Test("objects with many names inside of one another keep their names apart")
    func nested() throws {
        let names = (0..<60).map { "name\($0)" }
        var writer = JSONWriter()
        writer.object { writer in
            for name in names {
                writer.key(name)
                writer.object { writer in
                    for name in names { writer.member(name, name == "name7" ? ["name7": ["name7": 1]] : 0) }
                }
            }
        }
        let text = writer.bytes
        #expect(try JSONIndex(scanning: text).members.count == names.count)
        let again = text.dropLast() + Array(#","name59":1}"#.utf8)
        let error = #expect(throws: JSONError.self) { try JSONIndex(scanning: Array(again)) }
        #expect(error?.code == .duplicateKey)
    }

    @Test("a composed and a decomposed name are two names, as they are two in a store")
    func canonicalEquivalents() throws {
        let text = object(["é", "e\u{301}"])
        let index = try JSONIndex(scanning: text)
        #expect(index.member("é", in: text) == index.members[0])
        #expect(index.member("e\u{301}", in: text) == index.members[1])
    }
}

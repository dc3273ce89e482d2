import Testing

@testable import torii

@Suite("The keys of torii top")
struct TopModelTests {
    private static func press(_ text: String, _ model: inout TopModel) -> TopModel.Action {
        var last = TopModel.Action.stay
        for key in TopKey.all(in: Array(text.utf8)) {
            last = model.press(key)
            if last != .stay { break }
        }
        return last
    }

    @Test(
        "bytes are keys, and sequences without a meaning are none",
        arguments: [
            ("qs", [.character("q"), .character("s")]), ("\u{1B}", [.escape]), ("\r\n", [.enter, .enter]),
            ("\u{7F}\u{08}", [.backspace, .backspace]), ("\u{03}", [.interrupt]), ("\u{1A}\u{01}", []),
            ("\u{1B}[A\u{1B}[1;5Cq", [.character("q")]), ("\u{1B}OPq", [.character("q")]), ("\u{1B}[", []),
            ("ä日", [.character("ä"), .character("日")]), ("", []),
        ] as [(String, [TopKey])]
    )
    func keys(_ text: String, _ keys: [TopKey]) {
        #expect(TopKey.all(in: Array(text.utf8)) == keys)
    }

    @Test("half a character is none")
    func half() {
        #expect(TopKey.all(in: [0xC3, 0x71]) == [.character("q")])
    }

    @Test("q quits, and Ctrl-C interrupts also while a filter is typed")
    func end() {
        var model = TopModel()
        let quit = Self.press("q", &model)
        #expect(quit == .quit)
        let typed = Self.press("fq", &model)
        #expect(typed == .stay && model.filter == "q")
        let interrupted = Self.press("\u{03}", &model)
        #expect(interrupted == .interrupt)
    }

    @Test("s goes from column to column and begins anew, r reverses")
    func sorting() {
        var model = TopModel()
        var seen: [TopColumn] = []
        for _ in TopColumn.allCases {
            seen.append(model.sort)
            _ = Self.press("s", &model)
        }
        #expect(Set(seen) == Set(TopColumn.allCases) && model.sort == .requests)
        _ = Self.press("r", &model)
        #expect(model.isReversed)
        _ = Self.press("r", &model)
        #expect(!model.isReversed)
    }

    @Test("p, m and t group", arguments: [("p", TopGroup.provider), ("m", .model), ("t", .tenant)])
    func grouping(_ key: String, _ group: TopGroup) {
        var model = TopModel()
        model.group = group == .model ? .tenant : .model
        _ = Self.press(key, &model)
        #expect(model.group == group)
    }

    @Test("a filter is typed, mended and kept by Enter; Esc forgets it")
    func filter() {
        var model = TopModel()
        _ = Self.press("fgpt\u{7F}", &model)
        #expect(model.isTyping && model.filter == "gp")
        _ = Self.press("\rs", &model)
        #expect(!model.isTyping && model.filter == "gp" && model.sort != .requests)
        _ = Self.press("f\u{1B}", &model)
        #expect(!model.isTyping && model.filter == "")
        _ = Self.press("f" + String(repeating: "x", count: 100) + "\r", &model)
        #expect(model.filter.count == 64)
        _ = Self.press("\u{1B}", &model)
        #expect(model.filter == "")
        _ = Self.press("f\u{7F}\r", &model)
        #expect(model.filter == "" && !model.isTyping)
    }

    @Test("space keeps what is shown until it is pressed again")
    func pause() {
        var model = TopModel()
        var rates = TopRates()
        rates.seconds = 1
        _ = Self.press(" ", &model)
        model.take(rates)
        #expect(model.isPaused && model.rates == TopRates())
        _ = Self.press(" ", &model)
        model.take(rates)
        #expect(!model.isPaused && model.rates == rates)
    }

    @Test("a gateway that does not answer is told of until it answers again")
    func problem() {
        var model = TopModel()
        model.note("nobody answers")
        #expect(model.problem == "nobody answers")
        model.take(TopRates())
        #expect(model.problem == nil)
    }
}

import Inference
import JSON

extension StreamObserver {
    /// Reads one received chunk of lines.
    mutating func observeLines(_ chunk: UnsafeRawBufferPointer) -> Portion {
        var portion = Portion(wholeBytes: 0)
        var lines = lendLines()
        defer { self.lines = lines }
        do throws(InferenceError) {
            var start = 0
            while start < chunk.count {
                let end = Self.lineFeed(in: chunk, from: start)
                let isWhole = end < chunk.count
                let piece = UnsafeRawBufferPointer(rebasing: chunk[start..<(isWhole ? end + 1 : end)])
                _ = try lines.scan(piece) { (line) throws(InferenceError) in try self.takeLine(line) }
                guard isWhole else { break }
                start = end + 1
                portion.wholeBytes = start
                if case .failed = outcome { break }
            }
        } catch {
            outcome = .broken(error)
        }
        return portion
    }

    /// Reads the last line if it has no end; false if there is none.
    mutating func finishLines() throws(InferenceError) -> Bool {
        var lines = lendLines()
        return try lines.finish { (line) throws(InferenceError) in try self.takeLine(line) }
    }

    /// The parser, taken out so that its lines can change everything else.
    private mutating func lendLines() -> NewlineDelimited {
        let lines = self.lines
        self.lines = NewlineDelimited(limit: 0)
        return lines
    }

    private mutating func takeLine(_ line: UnsafeRawBufferPointer) throws(InferenceError) {
        if case .completed = outcome { return }
        let text = EventText(bytes: line)
        try checkShape(text)
        events &+= 1
        // Most lines end with this, where a quotation mark within a text would have a backslash before it.
        let isUnfinished = ByteScan.has("\"done\":false}", in: line, at: line.count &- 13)
        guard !isUnfinished || !sawFirstToken || settings.checksEveryEvent || Self.mayHoldError(line) else { return }
        let index = try text.index()
        if let error = text.view(of: "error", in: index) {
            outcome = .failed(ErrorClassification.inBody(error, dialect: .ollama))
            return
        }
        if model == nil { model = text.string(of: "model", in: index) }
        if !sawFirstToken { sawFirstToken = Self.holdsToken(text, index) }
        guard let done = index.member("done", in: line.bytes), index.bool(done, in: line.bytes) == true else { return }
        usage = text.ollamaUsage(in: index)
        outcome = .completed
    }

    /// Whether the word stands anywhere as a name or a text of its own.
    private static func mayHoldError(_ line: UnsafeRawBufferPointer) -> Bool {
        var at = 0
        while let hit = ByteScan.fiveLetterWord(in: line, from: at) {
            if ByteScan.has("\"error\"", in: line, at: hit) { return true }
            at = hit &+ 1
        }
        return false
    }

    private static func holdsToken(_ text: EventText, _ index: JSONIndex) -> Bool {
        for name in ["response", "thinking", "tool_calls"] where text.view(of: name, in: index)?.isFilled == true {
            return true
        }
        guard let message = text.view(of: "message", in: index) else { return false }
        return message.members.contains { $0.key != "role" && $0.value.isFilled }
    }

    private static func lineFeed(in chunk: UnsafeRawBufferPointer, from start: Int) -> Int {
        var at = ByteScan.lineEnd(in: chunk, from: start)
        while at < chunk.count, chunk[at] != 0x0A { at = ByteScan.lineEnd(in: chunk, from: at &+ 1) }
        return at
    }
}

extension EventText {
    /// The counts that stand in the root of Ollama's last line and of its whole bodies.
    func ollamaUsage(in index: JSONIndex) -> Usage? {
        let input = integer(of: "prompt_eval_count", in: index)
        let output = integer(of: "eval_count", in: index)
        return input == nil && output == nil ? nil : Usage(input: input, output: output)
    }
}

extension JSONView {
    /// Neither null nor an empty string, array or object.
    fileprivate var isFilled: Bool { !isNull && raw.count > 2 }
}

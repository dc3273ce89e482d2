import ArgumentParser
import Inference
import JSON

/// What an answer is printed as.
enum AnswerFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text, json
    case streamJSON = "stream-json"
}

/// Writes one answer to standard output in the format that was asked for.
struct AnswerWriter: Sendable {
    private let format: AnswerFormat
    private let provider: String
    private let console: Console
    private var answer = InferenceAnswer()
    private var lastCharacter: Character?

    init(format: AnswerFormat, provider: String, console: Console) {
        self.format = format
        self.provider = provider
        self.console = console
    }

    mutating func write(_ event: InferenceEvent) throws(Console.ReaderGone) {
        answer.apply(event)
        switch format {
        case .text:
            guard case .textDelta(let text) = event else { return try writeRefusal(event) }
            try put(text)
        case .streamJSON:
            try console.write(AnswerJSON.line(event))
        case .json: break
        }
    }

    /// Ends a good answer.
    mutating func finish() throws(Console.ReaderGone) {
        switch format {
        case .text:
            try endLine()
            noteStop()
        case .json: try console.write(AnswerJSON.object(answer, provider: provider, failure: nil))
        case .streamJSON: break
        }
    }

    /// Ends an answer that failed; what came of it stays.
    mutating func fail(_ error: InferenceError) throws(Console.ReaderGone) {
        switch format {
        case .text: try endLine()
        case .json: try console.write(AnswerJSON.object(answer, provider: provider, failure: error))
        case .streamJSON: try console.write(AnswerJSON.line(error))
        }
    }

    private mutating func writeRefusal(_ event: InferenceEvent) throws(Console.ReaderGone) {
        if case .refusalDelta(let text) = event { try put(text) }
    }

    private mutating func put(_ text: String) throws(Console.ReaderGone) {
        guard !text.isEmpty else { return }
        try console.write(text)
        lastCharacter = text.last
    }

    /// The next prompt of a shell stands on a line of its own.
    private mutating func endLine() throws(Console.ReaderGone) {
        guard let lastCharacter, !lastCharacter.isNewline else { return }
        try put("\n")
    }

    private func noteStop() {
        switch answer.stopReason {
        case .maxOutputTokens: console.note("torii: the answer was cut: the model reached its limit of tokens")
        case .contentFilter: console.note("torii: the answer was cut by the provider's content filter")
        default: break
        }
        let calls = answer.toolCalls.map(\.name)
        if !calls.isEmpty {
            console.note("torii: the model asked for tools that it was not given: \(calls.joined(separator: ", "))")
        }
    }
}

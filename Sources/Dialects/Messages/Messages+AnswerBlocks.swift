import Inference

extension Messages {
    /// One content block of an answer, with as much of it as has come.
    struct AnswerBlock: Sendable {
        enum Kind: Sendable {
            case text
            case thinking
            /// Thinking that only its provider can read.
            case redacted
            case call(index: Int, ToolCall)
        }

        let kind: Kind
        /// The text, the thinking, the encrypted data or the arguments.
        var text = ""
        var signature = ""
        var citations: [Citation] = []
        /// Whether nothing can come any more.
        var isFinished = false
    }

    /// An answer's blocks, put together from its events.
    struct AnswerBlocks: Sendable {
        private(set) var blocks: [AnswerBlock] = []
        private var thought = Thought()

        var isEmpty: Bool { blocks.isEmpty }

        /// Takes what an event adds; one that adds nothing to a block is ignored.
        mutating func take(_ event: InferenceEvent) {
            switch event {
            case .textDelta(let text), .refusalDelta(let text): append(text, .text)
            case .citation(let citation):
                guard case .text = blocks.last?.kind else { return }
                blocks[blocks.count - 1].citations.append(citation)
            case .reasoningDelta, .reasoningSummaryDelta:
                if isThinking == false { thought = Thought() }
                append(thought.words(of: event), .thinking)
            case .reasoningFinished(_, let signature, let encrypted): closeThought(signature, encrypted)
            case .toolCallStarted(let index, let call): blocks.append(AnswerBlock(kind: .call(index: index, call)))
            case .toolCallArgumentsDelta(let index, let piece):
                if let place = place(of: index) { blocks[place].text += piece }
            case .toolCallFinished(let index, let call):
                guard let place = place(of: index) else { return }
                if blocks[place].text.isEmpty { blocks[place].text = call.arguments }
                blocks[place].isFinished = true
            case .started, .logprobs, .usage, .finished: break
            }
        }

        /// Takes the first block out.
        mutating func removeFirst() -> AnswerBlock { blocks.removeFirst() }

        private var isThinking: Bool {
            if case .thinking = blocks.last?.kind { blocks.last?.isFinished == false } else { false }
        }

        private mutating func append(_ text: String, _ kind: AnswerBlock.Kind) {
            guard !text.isEmpty else { return }
            switch (kind, blocks.last?.kind) {
            case (.text, .text): blocks[blocks.count - 1].text += text
            case (.thinking, .thinking) where isThinking: blocks[blocks.count - 1].text += text
            default: blocks.append(AnswerBlock(kind: kind, text: text))
            }
        }

        private mutating func closeThought(_ signature: String?, _ encrypted: String?) {
            if let signature, !isThinking { blocks.append(AnswerBlock(kind: .thinking, signature: signature)) }
            if isThinking {
                blocks[blocks.count - 1].signature = signature ?? ""
                blocks[blocks.count - 1].isFinished = true
            }
            if let encrypted, signature == nil { blocks.append(AnswerBlock(kind: .redacted, text: encrypted)) }
        }

        private func place(of index: Int) -> Int? {
            blocks.firstIndex {
                if case .call(let other, _) = $0.kind { other == index && !$0.isFinished } else { false }
            }
        }
    }

    /// The words of one thought: the thinking itself or the retelling of it, whichever comes first, never both.
    struct Thought: Sendable {
        private var isPlain = false
        private var part: Int?

        /// What an event adds; nothing if it is not a reasoning delta or of the other kind.
        mutating func words(of event: InferenceEvent) -> String {
            switch event {
            case .reasoningDelta(let text) where part == nil:
                isPlain = true
                return text
            case .reasoningSummaryDelta(let text, let part) where !isPlain && !text.isEmpty:
                let gap = self.part.map { $0 == part ? "" : "\n\n" } ?? ""
                self.part = part
                return gap + text
            default: return ""
            }
        }
    }
}

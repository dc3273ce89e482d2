import Inference

/// Keeps a provider's proof of its own thinking apart from all others', while it travels through a caller's history.
///
/// What a provider signed or encrypted means something to that provider alone, and another one refuses the whole request
/// over it. So it goes down with the provider's name on it, and comes back up only to the provider of that name.
struct ReasoningSeal: Sendable {
    private static let mark = "torii1"

    let provider: String
    let caller: Dialect

    /// Marks what closes a piece of thinking as `provider`'s, in the member that the caller's dialect has for it.
    func close(_ event: InferenceEvent) -> InferenceEvent {
        guard case .reasoningFinished(let id, let signature, let encrypted) = event else { return event }
        guard let proof = signature ?? encrypted else {
            return .reasoningFinished(id: nil, signature: nil, encrypted: nil)
        }
        let kind = signature == nil ? "e" : "s"
        let sealed = [Self.mark, kind, Self.hex(provider), Self.hex(id ?? ""), proof].joined(separator: ".")
        return switch caller {
        case .responses: .reasoningFinished(id: nil, signature: nil, encrypted: sealed)
        case .messages: .reasoningFinished(id: nil, signature: sealed, encrypted: nil)
        case .chat, .ollama: .reasoningFinished(id: nil, signature: nil, encrypted: nil)
        }
    }

    /// Gives back to `provider` what is its own and takes out what is not; thinking in plain words stays.
    static func open(_ messages: inout [Message], for provider: String, _ dropped: inout [String]) {
        for place in messages.indices where messages[place].content.contains(where: \.isReasoning) {
            messages[place].content = messages[place].content.compactMap { part in
                guard case .reasoning(var reasoning) = part else { return part }
                if !restore(&reasoning, for: provider) { dropped.append("reasoning.encrypted_content") }
                return reasoning == Reasoning() ? nil : .reasoning(reasoning)
            }
        }
        // A turn that was nothing but another provider's secret is no turn any more.
        messages.removeAll { $0.role == .assistant && $0.content.isEmpty }
    }

    /// Whether nothing had to be taken out.
    private static func restore(_ reasoning: inout Reasoning, for provider: String) -> Bool {
        let sealed = reasoning.encrypted ?? reasoning.signature
        (reasoning.encrypted, reasoning.signature, reasoning.id) = (nil, nil, nil)
        guard let sealed else { return true }
        // Most of a foreign proof is not looked at: it may be long.
        guard sealed.utf8.starts(with: "\(mark).".utf8) else { return false }
        let parts = sealed.utf8.split(separator: UInt8(ascii: "."), maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5, parts[2].elementsEqual(hex(provider).utf8) else { return false }
        let proof = String(Substring(parts[4]))
        if parts[1].elementsEqual("s".utf8) { reasoning.signature = proof } else { reasoning.encrypted = proof }
        let id = text(hex: Substring(parts[3]))
        reasoning.id = id.isEmpty ? nil : id
        return true
    }

    private static func hex(_ text: String) -> String {
        text.utf8.reduce(into: "") { $0 += ($1 < 16 ? "0" : "") + String($1, radix: 16) }
    }

    private static func text(hex: Substring) -> String {
        let digits = hex.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension ContentPart {
    fileprivate var isReasoning: Bool { if case .reasoning = self { true } else { false } }
}

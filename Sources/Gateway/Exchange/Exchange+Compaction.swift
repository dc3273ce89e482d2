import Dialects
import Inference
import JSON
import NIOCore
import Providers

/// A conversation that is to be made short: the model itself is asked for a summary, which is sealed for its owner.
extension Exchange {
    /// Asks for the summary of all that the request holds; `trigger` is the item that asked for it, in the input.
    func compact(
        _ request: TurnRequest,
        _ edits: [BodyEdit],
        trigger: Range<Int>?,
        behind history: History
    ) throws(Refusal) {
        turn?.startsAnew = true
        let form: CompactionEncoder.Form =
            route == .compact
            ? .compactedBody(messages: userMessages(of: request.members, behind: history)) : .response
        var edits = edits
        let words = CompactionWords.message(CompactionWords.instructions)
        if let trigger, let start = request.members.input?.value.lowerBound {
            let range = start + trigger.lowerBound..<start + trigger.upperBound
            edits.append(BodyEdit(JSONEdit(range: range, replacement: words)))
        }
        let text = edits.applied(to: body).contiguous
        let dialect = request.decision.dialect ?? .responses
        let seal = loop.shared.seal
        let owner = owner
        try translate(
            try summaryRequest(text, for: dialect, isAsked: trigger != nil),
            for: request.decision,
            to: dialect
        ) {
            CompactionEncoder($0, form: form) { seal.close($0, for: owner) }
        }
    }

    /// The caller's request, for a text and nothing else.
    private func summaryRequest(
        _ text: ByteBuffer,
        for dialect: Dialect,
        isAsked: Bool
    ) throws(Refusal) -> CallerRequest {
        var caller: CallerRequest
        do throws(InferenceError) {
            caller = try CallerRequest(Array(text.readableBytesView), endpoint: .responses)
        } catch {
            throw Refusal(error)
        }
        if !isAsked { caller.request.messages.append(Message(.user, CompactionWords.instructions)) }
        if route == .compact { caller.request.stream = false }
        // Messages wants the tools described whose calls are in the conversation.
        if dialect == .messages, !caller.request.tools.isEmpty {
            caller.request.toolChoice = ToolChoice.none
        } else {
            caller.request.tools = []
            caller.request.toolChoice = nil
        }
        caller.request.allowsParallelToolCalls = nil
        caller.request.outputFormat = nil
        caller.request.topLogprobs = nil
        return caller
    }

    /// What the user said, as whole items; a compacted conversation begins with it.
    private func userMessages(of members: TurnMembers, behind history: History) -> [[UInt8]] {
        var messages: [[UInt8]] = []
        for run in history.pieces + [ItemRun.input(of: members, in: body)] {
            for item in ItemList.elements(of: run) where item["role"]?.isString("user") == true {
                guard item["type"]?.isString("message") ?? true else { continue }
                var writer = JSONWriter(capacity: item.raw.count + 128)
                StoredItem(item, madeID: "\(record.requestID)_\(messages.count)").write(into: &writer)
                messages.append(writer.bytes)
            }
        }
        return messages
    }
}

import Inference
import JSON

/// The frames of the blocks; what stands between two values is written as it is.
extension Messages.StreamEncoder {
    mutating func writeText(_ text: String, into output: inout JSONWriter) {
        guard !text.isEmpty else { return }
        openText(into: &output)
        startDelta(into: &output)
        output.frame("\"type\":\"text_delta\",\"text\":")
        output.string(text)
        output.frame("}}\n\n")
    }

    /// A source of the text of the open block; without such a block there is nothing that it could be about.
    mutating func write(_ citation: Citation, into output: inout JSONWriter) {
        guard case .text = open else { return }
        startDelta(into: &output)
        output.frame("\"type\":\"citations_delta\",\"citation\":")
        Messages.writeCitation(citation, into: &output)
        output.frame("}}\n\n")
    }

    mutating func writeThinking(_ text: String, into output: inout JSONWriter) {
        guard !text.isEmpty else { return }
        openThinking(into: &output)
        startDelta(into: &output)
        output.frame("\"type\":\"thinking_delta\",\"thinking\":")
        output.string(text)
        output.frame("}}\n\n")
    }

    mutating func closeThought(_ signature: String?, _ encrypted: String?, into output: inout JSONWriter) {
        if let signature {
            openThinking(into: &output)
            startDelta(into: &output)
            output.frame("\"type\":\"signature_delta\",\"signature\":")
            output.string(signature)
            output.frame("}}\n\n")
        }
        if case .thinking = open { close(into: &output) }
        if let encrypted, signature == nil {
            close(into: &output)
            startBlock(into: &output)
            output.frame("{\"type\":\"redacted_thinking\",\"data\":")
            output.string(encrypted)
            output.frame("}}\n\n")
            stopBlock(into: &output)
        }
    }

    mutating func openCall(_ call: ToolCall, index place: Int, requestID: String, into output: inout JSONWriter) {
        close(into: &output)
        open = .call(index: place, isBare: true)
        startBlock(into: &output)
        output.frame("{\"type\":\"tool_use\",\"id\":")
        output.string(Messages.callID(call, index: place, requestID: requestID))
        output.frame(",\"name\":")
        output.string(call.name)
        output.frame(",\"input\":{},\"caller\":{\"type\":\"direct\"}}}\n\n")
    }

    mutating func writeArguments(_ piece: String, into output: inout JSONWriter) {
        guard case .call(let place, _) = open, !piece.isEmpty else { return }
        open = .call(index: place, isBare: false)
        startDelta(into: &output)
        output.frame("\"type\":\"input_json_delta\",\"partial_json\":")
        output.string(piece)
        output.frame("}}\n\n")
    }

    /// Closes the open call; `arguments` are all of them and count if no piece has come.
    mutating func finishCall(_ arguments: String, into output: inout JSONWriter) {
        if case .call(_, true) = open { writeArguments(arguments, into: &output) }
        close(into: &output)
    }

    /// Writes a block that has waited; an unfinished call stays open.
    mutating func write(_ block: Messages.AnswerBlock, requestID: String, into output: inout JSONWriter) {
        switch block.kind {
        case .text:
            writeText(block.text, into: &output)
            for citation in block.citations { write(citation, into: &output) }
        case .thinking:
            writeThinking(block.text, into: &output)
            if block.isFinished { closeThought(block.signature.isEmpty ? nil : block.signature, nil, into: &output) }
        case .redacted: closeThought(nil, block.text, into: &output)
        case .call(let place, let call):
            openCall(call, index: place, requestID: requestID, into: &output)
            writeArguments(block.text, into: &output)
            if block.isFinished { finishCall("", into: &output) }
        }
    }

    /// Closes the block that is open, if one is.
    mutating func close(into output: inout JSONWriter) {
        switch open {
        case .none: return
        // Some clients parse what they have gathered, and nothing at all is no JSON.
        case .call(_, true): writeArguments("{}", into: &output)
        case .text, .thinking, .call: break
        }
        stopBlock(into: &output)
    }

    private mutating func openText(into output: inout JSONWriter) {
        if case .text = open { return }
        close(into: &output)
        open = .text
        startBlock(into: &output)
        output.frame("{\"type\":\"text\",\"text\":\"\",\"citations\":null}}\n\n")
    }

    private mutating func openThinking(into output: inout JSONWriter) {
        if case .thinking = open { return }
        close(into: &output)
        open = .thinking
        startBlock(into: &output)
        output.frame("{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}\n\n")
    }

    private func startBlock(into output: inout JSONWriter) {
        output.frame("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":")
        output.int(index)
        output.frame(",\"content_block\":")
    }

    private func startDelta(into output: inout JSONWriter) {
        output.frame("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":")
        output.int(index)
        output.frame(",\"delta\":{")
    }

    private mutating func stopBlock(into output: inout JSONWriter) {
        output.frame("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":")
        output.int(index)
        output.frame("}\n\n")
        open = .none
        index += 1
    }
}

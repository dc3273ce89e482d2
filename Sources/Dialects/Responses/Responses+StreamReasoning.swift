import Inference
import JSON

extension Responses {
    /// A piece of reasoning while it is written: its own words, the retelling of it in parts, or both.
    struct OpenReasoning: Sendable {
        let place: Int
        let id: String
        /// The members by which its events name it.
        let address: [UInt8]
        /// Nil until the first word of its own.
        var text: StreamedText?
        var summary: [StreamedText] = []

        init(place: Int, requestID: String) {
            self.place = place
            id = "rs_\(requestID)_\(place)"
            address = Array(",\"item_id\":\"\(id)\",\"output_index\":\(place)".utf8)
        }

        /// Writes the item as far as it has come; `proof` is what has to go back to the provider.
        func write(proof: String? = nil, into output: inout JSONWriter) {
            output.frame("{\"id\":")
            output.string(id)
            output.frame(",\"type\":\"reasoning\",\"summary\":[")
            for (place, part) in summary.enumerated() {
                if place > 0 { output.frame(",") }
                Self.write("summary_text", part, into: &output)
            }
            output.frame("]")
            if let text {
                output.frame(",\"content\":[")
                Self.write("reasoning_text", text, into: &output)
                output.frame("]")
            }
            if let proof {
                output.frame(",\"encrypted_content\":")
                output.string(proof)
            }
            output.frame("}")
        }

        static func write(_ type: StaticString, _ text: StreamedText, into output: inout JSONWriter) {
            output.frame("{\"type\":\"")
            output.frame(type)
            output.frame("\",\"text\":")
            text.write(into: &output)
            output.frame("}")
        }
    }
}

extension Responses.StreamEncoder {
    mutating func addReasoning(_ text: String, into output: inout JSONWriter) {
        guard !text.isEmpty else { return }
        openReasoning(into: &output)
        if reasoning?.text == nil {
            reasoning?.text = Responses.StreamedText()
            writePart(Responses.EventHead.partAdded, Responses.StreamedText(), into: &output)
        }
        begin(Responses.EventHead.reasoningDelta, into: &output)
        output.frame(reasoning?.address ?? [])
        output.frame(",\"content_index\":0,\"delta\":")
        reasoning?.text?.add(text, into: &output)
        output.frame("}\n\n")
    }

    /// Adds to a part of the retelling; an earlier part cannot be opened again, so that what comes late joins the last.
    mutating func addSummary(_ text: String, part: Int, into output: inout JSONWriter) {
        guard !text.isEmpty else { return }
        openReasoning(into: &output)
        while let count = reasoning?.summary.count, count <= part {
            endSummaryPart(into: &output)
            reasoning?.summary.append(Responses.StreamedText())
            writeSummaryPart(Responses.EventHead.summaryPartAdded, into: &output)
        }
        let last = (reasoning?.summary.count ?? 1) - 1
        beginSummary(Responses.EventHead.summaryDelta, into: &output)
        output.frame(",\"delta\":")
        reasoning?.summary[last].add(text, into: &output)
        output.frame("}\n\n")
    }

    /// Ends the open reasoning; thinking that only its provider can read comes without any.
    mutating func finishReasoning(proof: String?, into output: inout JSONWriter) {
        if reasoning == nil {
            guard proof != nil else { return }
            openReasoning(into: &output)
        }
        closeReasoning(proof: proof, into: &output)
    }

    mutating func closeReasoning(proof: String? = nil, into output: inout JSONWriter) {
        guard reasoning != nil else { return }
        endSummaryPart(into: &output)
        if let text = reasoning?.text {
            begin(Responses.EventHead.reasoningDone, into: &output)
            output.frame(reasoning?.address ?? [])
            output.frame(",\"content_index\":0,\"text\":")
            text.write(into: &output)
            output.frame("}\n\n")
            writePart(Responses.EventHead.partDone, text, into: &output)
        }
        guard let reasoning else { return }
        self.reasoning = nil
        var item = JSONWriter(capacity: 256)
        reasoning.write(proof: proof, into: &item)
        close(item.bytes, at: reasoning.place, into: &output)
    }

    private mutating func openReasoning(into output: inout JSONWriter) {
        closeMessage(into: &output)
        guard reasoning == nil else { return }
        let new = Responses.OpenReasoning(place: openItem(), requestID: requestID)
        begin(Responses.EventHead.itemAdded, into: &output)
        output.frame(",\"output_index\":")
        output.int(new.place)
        output.frame(",\"item\":")
        new.write(into: &output)
        output.frame("}\n\n")
        reasoning = new
    }

    private mutating func writePart(
        _ head: StaticString,
        _ text: Responses.StreamedText,
        into output: inout JSONWriter
    ) {
        begin(head, into: &output)
        output.frame(reasoning?.address ?? [])
        output.frame(",\"content_index\":0,\"part\":")
        Responses.OpenReasoning.write("reasoning_text", text, into: &output)
        output.frame("}\n\n")
    }

    // MARK: Parts of the retelling

    /// Ends the last part, which is the only one that can be open.
    private mutating func endSummaryPart(into output: inout JSONWriter) {
        guard let text = reasoning?.summary.last else { return }
        beginSummary(Responses.EventHead.summaryDone, into: &output)
        output.frame(",\"text\":")
        text.write(into: &output)
        output.frame("}\n\n")
        writeSummaryPart(Responses.EventHead.summaryPartDone, into: &output)
    }

    private mutating func writeSummaryPart(_ head: StaticString, into output: inout JSONWriter) {
        beginSummary(head, into: &output)
        output.frame(",\"part\":")
        Responses.OpenReasoning.write(
            "summary_text",
            reasoning?.summary.last ?? Responses.StreamedText(),
            into: &output
        )
        output.frame("}\n\n")
    }

    private mutating func beginSummary(_ head: StaticString, into output: inout JSONWriter) {
        begin(head, into: &output)
        output.frame(reasoning?.address ?? [])
        output.frame(",\"summary_index\":")
        output.int((reasoning?.summary.count ?? 1) - 1)
    }
}

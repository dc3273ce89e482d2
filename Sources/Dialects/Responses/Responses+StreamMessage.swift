import Inference
import JSON

extension Responses {
    /// A message of the answer while it is written; its one part is a text or a refusal.
    struct OpenMessage: Sendable {
        enum Kind: Sendable {
            case text, refusal
        }

        let kind: Kind
        let place: Int
        let id: String
        /// The members by which its events name it.
        let address: [UInt8]
        var text = StreamedText()
        var logprobs = StreamedList()
        var annotations = StreamedList()
        /// How much of the text was there when the last source was named, and the source before.
        var cited: (from: Int, to: Int) = (0, 0)

        init(_ kind: Kind, place: Int, requestID: String) {
            self.kind = kind
            self.place = place
            id = "msg_\(requestID)_\(place)"
            address = Array(",\"item_id\":\"\(id)\",\"output_index\":\(place),\"content_index\":0".utf8)
        }

        /// Writes the item; without its part while it is in progress.
        func write(_ status: String, hasPart: Bool, into output: inout JSONWriter) {
            output.frame("{\"id\":")
            output.string(id)
            output.frame(",\"type\":\"message\",\"status\":")
            output.string(status)
            output.frame(",\"role\":\"assistant\",\"content\":[")
            if hasPart { writePart(into: &output) }
            output.frame("]}")
        }

        /// Writes the part as far as it has come.
        func writePart(into output: inout JSONWriter) {
            switch kind {
            case .text:
                output.frame("{\"type\":\"output_text\",\"text\":")
                text.write(into: &output)
                output.frame(",\"annotations\":")
                annotations.write(into: &output)
                output.frame(",\"logprobs\":")
                logprobs.write(into: &output)
            case .refusal:
                output.frame("{\"type\":\"refusal\",\"refusal\":")
                text.write(into: &output)
            }
            output.frame("}")
        }
    }
}

extension Responses.StreamEncoder {
    mutating func addText(_ text: String, logprobs: [TokenLogprob], into output: inout JSONWriter) {
        guard !text.isEmpty || !logprobs.isEmpty else { return }
        open(.text, into: &output)
        begin(Responses.EventHead.textDelta, into: &output)
        output.frame(message?.address ?? [])
        output.frame(",\"delta\":")
        message?.text.add(text, into: &output)
        output.frame(",\"logprobs\":")
        guard !logprobs.isEmpty else { return output.frame("[]}\n\n") }
        var list = Responses.StreamedList()
        for logprob in logprobs {
            let element = Responses.bytes(of: logprob)
            list.add(element)
            message?.logprobs.add(element)
        }
        list.write(into: &output)
        output.frame("}\n\n")
    }

    mutating func addRefusal(_ text: String, into output: inout JSONWriter) {
        guard !text.isEmpty else { return }
        open(.refusal, into: &output)
        begin(Responses.EventHead.refusalDelta, into: &output)
        output.frame(message?.address ?? [])
        output.frame(",\"delta\":")
        message?.text.add(text, into: &output)
        output.frame("}\n\n")
    }

    /// Names a source of the text since the last one was named.
    mutating func add(_ citation: Citation, into output: inout JSONWriter) {
        open(.text, into: &output)
        guard var message else { return }
        self.message = nil
        let end = message.text.scalars
        if end > message.cited.to { message.cited = (message.cited.to, end) }
        let annotation = Responses.bytes(of: citation, range: citation.range ?? message.cited.from..<message.cited.to)
        begin(Responses.EventHead.annotationAdded, into: &output)
        output.frame(message.address)
        output.frame(",\"annotation_index\":")
        output.int(message.annotations.count)
        output.frame(",\"annotation\":")
        output.frame(annotation)
        output.frame("}\n\n")
        message.annotations.add(annotation)
        self.message = message
    }

    private mutating func open(_ kind: Responses.OpenMessage.Kind, into output: inout JSONWriter) {
        closeReasoning(into: &output)
        if message?.kind != kind { closeMessage(into: &output) }
        guard message == nil else { return }
        let new = Responses.OpenMessage(kind, place: openItem(), requestID: requestID)
        begin(Responses.EventHead.itemAdded, into: &output)
        output.frame(",\"output_index\":")
        output.int(new.place)
        output.frame(",\"item\":")
        new.write("in_progress", hasPart: false, into: &output)
        output.frame("}\n\n")
        begin(Responses.EventHead.partAdded, into: &output)
        output.frame(new.address)
        output.frame(",\"part\":")
        new.writePart(into: &output)
        output.frame("}\n\n")
        message = new
    }

    /// Ends the open message, if there is one; one that a limit has cut off is not whole.
    mutating func closeMessage(isWhole: Bool = true, into output: inout JSONWriter) {
        guard let message else { return }
        self.message = nil
        switch message.kind {
        case .text:
            begin(Responses.EventHead.textDone, into: &output)
            output.frame(message.address)
            output.frame(",\"text\":")
            message.text.write(into: &output)
            output.frame(",\"logprobs\":")
            message.logprobs.write(into: &output)
        case .refusal:
            begin(Responses.EventHead.refusalDone, into: &output)
            output.frame(message.address)
            output.frame(",\"refusal\":")
            message.text.write(into: &output)
        }
        output.frame("}\n\n")
        begin(Responses.EventHead.partDone, into: &output)
        output.frame(message.address)
        output.frame(",\"part\":")
        message.writePart(into: &output)
        output.frame("}\n\n")
        var item = JSONWriter(capacity: 256)
        message.write(isWhole ? "completed" : "incomplete", hasPart: true, into: &item)
        close(item.bytes, at: message.place, into: &output)
    }
}

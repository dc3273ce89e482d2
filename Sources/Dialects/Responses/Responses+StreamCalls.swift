import Inference
import JSON

extension Responses {
    /// A call of the answer while its arguments arrive.
    struct OpenCall: Sendable {
        let index: Int
        let place: Int
        let id: String
        let call: ToolCall
        /// The members by which its events name it.
        let address: [UInt8]
        var arguments = StreamedText()
        /// Its arguments are whole, and only how the answer ends can still tell that they were cut off.
        var isFinished = false

        init(_ call: ToolCall, index: Int, place: Int, requestID: String) {
            self.index = index
            self.place = place
            self.call = call
            id = "\(call.kind == .function ? "fc" : "ctc")_\(requestID)_\(place)"
            address = Array(",\"item_id\":\"\(id)\",\"output_index\":\(place)".utf8)
        }

        /// Writes the item as far as it has come.
        func write(_ status: String, into output: inout JSONWriter) {
            output.frame("{\"id\":")
            output.string(id)
            output.frame(call.kind == .function ? ",\"type\":\"function_call\"" : ",\"type\":\"custom_tool_call\"")
            output.frame(",\"status\":")
            output.string(status)
            output.frame(",\"call_id\":")
            output.string(call.id)
            output.frame(",\"name\":")
            output.string(call.name)
            if let namespace = call.namespace {
                output.frame(",\"namespace\":")
                output.string(namespace)
            }
            writeArguments(into: &output)
            output.frame("}")
        }

        func writeArguments(into output: inout JSONWriter) {
            output.frame(call.kind == .function ? ",\"arguments\":" : ",\"input\":")
            arguments.write(into: &output)
        }
    }
}

extension Responses.StreamEncoder {
    mutating func start(_ call: ToolCall, index: Int, into output: inout JSONWriter) {
        closeReasoning(into: &output)
        closeMessage(into: &output)
        let new = Responses.OpenCall(call, index: index, place: openItem(), requestID: requestID)
        begin(Responses.EventHead.itemAdded, into: &output)
        output.frame(",\"output_index\":")
        output.int(new.place)
        output.frame(",\"item\":")
        new.write("in_progress", into: &output)
        output.frame("}\n\n")
        calls.append(new)
    }

    mutating func addArguments(_ piece: String, index: Int, into output: inout JSONWriter) {
        guard !piece.isEmpty, let place = calls.firstIndex(where: { $0.index == index }) else { return }
        let isFunction = calls[place].call.kind == .function
        begin(isFunction ? Responses.EventHead.argumentsDelta : Responses.EventHead.inputDelta, into: &output)
        output.frame(calls[place].address)
        output.frame(",\"delta\":")
        calls[place].arguments.add(piece, into: &output)
        output.frame("}\n\n")
    }

    /// Takes a call for whole.
    ///
    /// What was not told in pieces is told now; no text at all stands for no arguments.
    mutating func finish(_ call: ToolCall, index: Int, into output: inout JSONWriter) {
        guard let place = calls.firstIndex(where: { $0.index == index }) else { return }
        if calls[place].arguments.isEmpty {
            let none = call.kind == .function ? "{}" : ""
            addArguments(call.arguments.isEmpty ? none : call.arguments, index: index, into: &output)
        }
        calls[place].isFinished = true
    }

    /// Ends the calls that something else has followed.
    mutating func closeFinishedCalls(into output: inout JSONWriter) {
        guard calls.contains(where: \.isFinished) else { return }
        for call in calls where call.isFinished { close(call, "completed", into: &output) }
        calls.removeAll(where: \.isFinished)
    }

    /// Ends all calls at the answer's end; where a limit has cut it off, the last one is what it cut.
    mutating func closeCalls(isWhole: Bool, into output: inout JSONWriter) {
        let last = items.count - 1
        for call in calls {
            let isCut = !isWhole && (!call.isFinished || call.place == last)
            close(call, isCut ? "incomplete" : "completed", into: &output)
        }
        calls = []
    }

    private mutating func close(_ call: Responses.OpenCall, _ status: String, into output: inout JSONWriter) {
        let isFunction = call.call.kind == .function
        begin(isFunction ? Responses.EventHead.argumentsDone : Responses.EventHead.inputDone, into: &output)
        output.frame(call.address)
        call.writeArguments(into: &output)
        output.frame("}\n\n")
        var item = JSONWriter(capacity: 256)
        call.write(status, into: &item)
        close(item.bytes, at: call.place, into: &output)
    }
}

import Inference
import JSON

extension Responses {
    /// A call of the answer while its arguments arrive.
    ///
    /// Those of `local_shell` and `tool_search` are an object of their item, which is told when it is whole.
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
            id = "\(call.kind.idPrefix)_\(requestID)_\(place)"
            address = Array(",\"item_id\":\"\(id)\",\"output_index\":\(place)".utf8)
        }

        /// Writes the item as far as it has come.
        func write(_ status: String, into output: inout JSONWriter) {
            output.frame("{\"id\":")
            output.string(id)
            output.frame(",\"type\":")
            output.string(call.kind.itemType)
            output.frame(",\"status\":")
            output.string(status)
            output.frame(",\"call_id\":")
            output.string(call.id)
            if call.kind.isPiecewise { writeName(into: &output) }
            if call.kind == .toolSearch { output.frame(",\"execution\":\"client\"") }
            writeArguments(into: &output)
            output.frame("}")
        }

        func writeArguments(into output: inout JSONWriter) {
            switch call.kind {
            case .function: output.frame(",\"arguments\":")
            case .custom: output.frame(",\"input\":")
            case .localShell: output.frame(",\"action\":")
            case .toolSearch: output.frame(",\"arguments\":")
            }
            if call.kind.isPiecewise { arguments.write(into: &output) } else { output.argumentObject(call.arguments) }
        }

        private func writeName(into output: inout JSONWriter) {
            output.frame(",\"name\":")
            output.string(call.name)
            if let namespace = call.namespace {
                output.frame(",\"namespace\":")
                output.string(namespace)
            }
        }
    }
}

extension ToolCall.Kind {
    /// Whether the item's arguments are a text that may come in pieces.
    fileprivate var isPiecewise: Bool { self == .function || self == .custom }

    /// The dialect's word for a call of this kind.
    fileprivate var itemType: String {
        switch self {
        case .function: "function_call"
        case .custom: "custom_tool_call"
        case .localShell: "local_shell_call"
        case .toolSearch: "tool_search_call"
        }
    }

    /// What the ids of such items begin with.
    fileprivate var idPrefix: String {
        switch self {
        case .function: "fc"
        case .custom: "ctc"
        case .localShell: "lsh"
        case .toolSearch: "tsc"
        }
    }
}

extension Responses.StreamEncoder {
    mutating func start(_ call: ToolCall, index: Int, into output: inout JSONWriter) {
        guard call.kind.isPiecewise else { return }
        add(call, index: index, into: &output)
    }

    private mutating func add(_ call: ToolCall, index: Int, into output: inout JSONWriter) {
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
        guard calls[place].call.kind.isPiecewise else { return }
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
        if !call.kind.isPiecewise { add(call, index: index, into: &output) }
        guard let place = calls.firstIndex(where: { $0.index == index }) else { return }
        if call.kind.isPiecewise, calls[place].arguments.isEmpty {
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
        if call.call.kind.isPiecewise {
            let isFunction = call.call.kind == .function
            begin(isFunction ? Responses.EventHead.argumentsDone : Responses.EventHead.inputDone, into: &output)
            output.frame(call.address)
            call.writeArguments(into: &output)
            output.frame("}\n\n")
        }
        var item = JSONWriter(capacity: 256)
        call.write(status, into: &item)
        close(item.bytes, at: call.place, into: &output)
    }
}

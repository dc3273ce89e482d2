import JSON

@testable import Dialects

/// Holds a Responses stream against the rules of the Open Responses specification.
struct ResponsesStreamChecker {
    private struct Item {
        var id: String
        var type: String
        var deltas: [String: String] = [:]
        var openParts: Set<String> = []
        var doneParts: Set<String> = []
        var isDone = false
    }

    /// What the stream did wrong, in its order.
    private(set) var faults: [String] = []
    /// The events' types in their order.
    private(set) var types: [String] = []
    /// The finished items as they were written, by their place.
    private(set) var done: [Int: JSONValue] = [:]
    /// The terminal event's response.
    private(set) var response: JSONValue?
    private var items: [Int: Item] = [:]

    init(_ stream: [UInt8]) {
        var frames = String(decoding: stream, as: UTF8.self).components("\n\n")
        if frames.popLast() != "" { faults.append("the stream ends within an event") }
        if frames.popLast() != "data: [DONE]" { faults.append("the stream does not end with [DONE]") }
        for (number, frame) in frames.enumerated() { read(frame, number) }
        finish()
    }

    private mutating func read(_ frame: String, _ number: Int) {
        let lines = frame.components("\n")
        guard lines.count == 2, lines[0].hasPrefix("event: "), lines[1].hasPrefix("data: "),
            let event = try? JSONValue(parsing: Array(lines[1].dropFirst(6).utf8))
        else { return faults.append("no event: \(frame)") }
        let type = event["type"]?.string ?? ""
        types.append(type)
        check(lines[0].dropFirst(7) == type, "event: is not the type \(type)")
        check(event["sequence_number"]?.int == number, "\(type) has the wrong number")
        check(response == nil, "\(type) follows the terminal event")
        for name in Self.members[type] ?? [] { check(event[name] != nil, "\(type) lacks \(name)") }
        check(Self.members[type] != nil, "unknown \(type)")
        switch number {
        case 0: check(type == "response.created", "\(type) is first")
        case 1: check(type == "response.in_progress", "\(type) is second")
        default: break
        }
        if let response = event["response"] { read(response, type) } else { readItemEvent(event, type) }
    }

    private mutating func read(_ response: JSONValue, _ type: String) {
        for name in Self.responseMembers { check(response[name] != nil, "the response of \(type) lacks \(name)") }
        switch type {
        case "response.created", "response.in_progress":
            check(response["status"]?.string == "in_progress", "\(type) has the wrong status")
        default:
            check(type == "response.\(response["status"]?.string ?? "")", "\(type) has the wrong status")
            self.response = response
        }
    }

    private mutating func readItemEvent(_ event: JSONValue, _ type: String) {
        guard type != "ping" else { return }
        guard let place = event["output_index"]?.int else { return faults.append("\(type) without a place") }
        switch type {
        case "response.output_item.added":
            check(place == items.count, "item \(place) is added out of order")
            check(event["item"]?["status"]?.string ?? "in_progress" == "in_progress", "item \(place) begins as done")
            items[place] = Item(id: event["item"]?["id"]?.string ?? "", type: event["item"]?["type"]?.string ?? "")
        case "response.output_item.done": finishItem(event["item"] ?? .null, place)
        default: readPartEvent(event, type, place)
        }
    }

    private mutating func readPartEvent(_ event: JSONValue, _ type: String, _ place: Int) {
        guard var item = items[place], !item.isDone else { return faults.append("\(type) without an open item") }
        check(event["item_id"]?.string == item.id, "\(type) names another item")
        let isSummary = type.contains("summary")
        let part = "\(isSummary ? "s" : "c")\((event["summary_index"] ?? event["content_index"])?.int ?? 0)"
        let isCall = item.type.hasSuffix("_call")
        if type.hasSuffix("part.added") {
            check(item.openParts.insert(part).inserted && !item.doneParts.contains(part), "\(part) is added twice")
        } else if type.hasSuffix("part.done") {
            check(item.openParts.remove(part) != nil, "\(part) was not open")
            item.doneParts.insert(part)
            let text = event["part"]?["text"] ?? event["part"]?["refusal"]
            check(text?.string == item.deltas[part] ?? "", "\(type) is not what its deltas were")
        } else {
            check(isCall || item.openParts.contains(part), "\(type) before its part")
            if type.hasSuffix(".delta") {
                item.deltas[part, default: ""] += event["delta"]?.string ?? ""
            } else if type.hasSuffix(".done") {
                let whole = event["text"] ?? event["refusal"] ?? event["arguments"] ?? event["input"]
                check(whole?.string == item.deltas[part] ?? "", "\(type) is not what its deltas were")
                if isCall { item.doneParts.insert(part) }
            }
        }
        items[place] = item
    }

    private mutating func finishItem(_ value: JSONValue, _ place: Int) {
        guard let item = items[place], !item.isDone else { return faults.append("item \(place) ends twice") }
        items[place]?.isDone = true
        done[place] = value
        check(value["id"]?.string == item.id && value["type"]?.string == item.type, "item \(place) has changed")
        check(item.openParts.isEmpty, "item \(place) ends with an open part")
        var told: [String: String] = [:]
        for (kind, list) in [("s", value["summary"]), ("c", value["content"])] {
            for (index, part) in (list?.array ?? []).enumerated() {
                told["\(kind)\(index)"] = (part["text"] ?? part["refusal"])?.string
            }
        }
        if let arguments = (value["arguments"] ?? value["input"])?.string { told["c0"] = arguments }
        check(Set(told.keys) == item.doneParts, "item \(place) has other parts than were told")
        for (part, text) in told { check(text == item.deltas[part] ?? "", "\(part) of item \(place) has changed") }
        if item.type == "message" { check(told.count == 1, "item \(place) has \(told.count) parts") }
    }

    private mutating func finish() {
        guard let response else { return faults.append("no terminal event") }
        let isFailed = response["status"]?.string == "failed"
        check(isFailed || items.values.allSatisfy(\.isDone), "an item is left open")
        let output = done.sorted { $0.key < $1.key }.map(\.value)
        check(response["output"] == .array(output), "the terminal event has another output")
        check(Set(items.values.map(\.id)).count == items.count, "two items have one id")
    }

    private mutating func check(_ isGood: Bool, _ fault: @autoclosure () -> String) {
        if !isGood { faults.append(fault()) }
    }
}

extension ResponsesStreamChecker {
    static let responseMembers = [
        "id", "object", "created_at", "completed_at", "status", "incomplete_details", "model", "previous_response_id",
        "instructions", "output", "error", "tools", "tool_choice", "truncation", "parallel_tool_calls", "text", "top_p",
        "presence_penalty", "frequency_penalty", "top_logprobs", "temperature", "reasoning", "usage",
        "max_output_tokens", "max_tool_calls", "store", "background", "service_tier", "metadata", "safety_identifier",
        "prompt_cache_key", "user",
    ]

    /// What each event has to have beside its type and number.
    private static let members: [String: [String]] = {
        let item = ["output_index", "item_id"]
        return [
            "ping": [],
            "response.created": ["response"], "response.in_progress": ["response"],
            "response.completed": ["response"], "response.incomplete": ["response"], "response.failed": ["response"],
            "response.output_item.added": ["output_index", "item"],
            "response.output_item.done": ["output_index", "item"],
            "response.content_part.added": item + ["content_index", "part"],
            "response.content_part.done": item + ["content_index", "part"],
            "response.output_text.delta": item + ["content_index", "delta", "logprobs"],
            "response.output_text.done": item + ["content_index", "text", "logprobs"],
            "response.output_text.annotation.added": item + ["content_index", "annotation_index", "annotation"],
            "response.refusal.delta": item + ["content_index", "delta"],
            "response.refusal.done": item + ["content_index", "refusal"],
            "response.reasoning_text.delta": item + ["content_index", "delta"],
            "response.reasoning_text.done": item + ["content_index", "text"],
            "response.reasoning_summary_part.added": item + ["summary_index", "part"],
            "response.reasoning_summary_part.done": item + ["summary_index", "part"],
            "response.reasoning_summary_text.delta": item + ["summary_index", "delta"],
            "response.reasoning_summary_text.done": item + ["summary_index", "text"],
            "response.function_call_arguments.delta": item + ["delta"],
            "response.function_call_arguments.done": item + ["arguments"],
            "response.custom_tool_call_input.delta": item + ["delta"],
            "response.custom_tool_call_input.done": item + ["input"],
        ]
    }()
}

extension String {
    /// The pieces between the separators, empty ones too.
    fileprivate func components(_ separator: String) -> [String] {
        var pieces: [String] = []
        var rest = utf8[...]
        let separator = Array(separator.utf8)
        var start = rest.startIndex
        while rest.count >= separator.count {
            if rest.starts(with: separator) {
                pieces.append(String(decoding: utf8[start..<rest.startIndex], as: UTF8.self))
                rest = rest.dropFirst(separator.count)
                start = rest.startIndex
            } else {
                rest = rest.dropFirst()
            }
        }
        pieces.append(String(decoding: utf8[start...], as: UTF8.self))
        return pieces
    }
}

import Inference
import JSON

extension Ollama {
    /// Images in base64, whose kind their first bytes tell.
    static func images(_ value: JSONView) throws(InferenceError) -> [ContentPart] {
        guard let list = try array(value) else { return [] }
        var images: [ContentPart] = []
        for item in list.elements {
            guard let data = item.string else { throw InferenceError(request: item.mismatch("base64")) }
            guard isBase64(data) else { throw refusal(of: item, "must be base64; nothing is fetched") }
            images.append(.image(Image(.base64(mediaType: mediaType(data), data: data))))
        }
        return images
    }

    /// Functions; Ollama has no other tools.
    static func tools(_ value: JSONView, _ dropped: inout DroppedNames) throws(InferenceError) -> [Tool] {
        guard let list = try array(value) else { return [] }
        var tools: [Tool] = []
        for item in list.elements { tools.append(.function(try tool(item, &dropped))) }
        return tools
    }

    private static func tool(_ item: JSONView, _ dropped: inout DroppedNames) throws(InferenceError) -> FunctionTool {
        guard item.kind == .object else { throw InferenceError(request: item.mismatch("an object")) }
        if let type = item["type"], !type.isNull, !type.isString("function"), !type.isString("") {
            throw refusal(of: type, "must be \"function\"")
        }
        guard let found = item["function"], let function = try object(found) else {
            throw InferenceError(request: item.missing("function"))
        }
        for (key, value) in item.members where key != "type" && key != "function" && !value.isNull {
            dropped.insert("tools[].\(key)")
        }
        var tool = FunctionTool(name: "")
        for (key, value) in function.members {
            switch key {
            case "name": tool.name = try text(value) ?? ""
            case "description": tool.description = try text(value)
            case "parameters": tool.parameters = try object(value).map { JSONFragment($0) }
            case "strict": tool.strict = try flag(value)
            default: if !value.isNull { dropped.insert("tools[].function.\(key)") }
            }
        }
        guard !tool.name.isEmpty else { throw InferenceError(request: function.missing("name")) }
        return tool
    }

    /// The usual alphabet with its padding at the end, in whole groups.
    private static func isBase64(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            guard !bytes.isEmpty, bytes.count % 4 == 0 else { return false }
            var end = bytes.count
            while end > bytes.count &- 2, bytes[end &- 1] == UInt8(ascii: "=") { end &-= 1 }
            for byte in bytes[..<end] {
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2F: continue
                default: return false
                }
            }
            return true
        }
    }

    /// By the base64 of the formats' first bytes.
    private static func mediaType(_ data: String) -> String {
        if data.hasPrefix("/9j/") { return "image/jpeg" }
        if data.hasPrefix("R0lGOD") { return "image/gif" }
        if data.hasPrefix("UklGR") { return "image/webp" }
        if data.hasPrefix("Qk") { return "image/bmp" }
        return "image/png"
    }
}

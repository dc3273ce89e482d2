import Inference
import JSON

extension ChatCompletions {
    /// A message's content: a text, or parts; an empty text is no part.
    static func content(_ value: JSONView, _ dropped: inout DroppedNames) throws(InferenceError) -> [ContentPart] {
        switch value.kind {
        case .string:
            let text = try text(value)
            return text.isEmpty ? [] : [.text(text)]
        case .array:
            var parts: [ContentPart] = []
            for element in value.elements { parts.append(try part(element, &dropped)) }
            return parts
        default: throw InferenceError(request: value.mismatch("a string or an array"))
        }
    }

    private static func part(_ view: JSONView, _ dropped: inout DroppedNames) throws(InferenceError) -> ContentPart {
        let type = try required("type", of: view)
        let name = try text(type)
        for (key, value) in view.members where key != "type" && key != name && !value.isNull {
            dropped.add("messages[].content[]", key)
        }
        switch name {
        case "text": return .text(try text(try required("text", of: view)))
        case "refusal": return .refusal(try text(try required("refusal", of: view)))
        case "image_url": return .image(try image(try required("image_url", of: view)))
        case "file": return .file(try file(try required("file", of: view)))
        case "input_audio": throw unsupported(type, "audio")
        default: throw unsupported(type, "a part of this type")
        }
    }

    private static func image(_ view: JSONView) throws(InferenceError) -> Image {
        let url = try text(try required("url", of: view))
        return Image(MediaSource(address: url), detail: try optionalText("detail", of: view))
    }

    private static func file(_ view: JSONView) throws(InferenceError) -> File {
        guard view.kind == .object else { throw InferenceError(request: view.mismatch("an object")) }
        let name = try optionalText("filename", of: view)
        if let id = try optionalText("file_id", of: view) { return File(.upload(id), name: name) }
        let data = try text(try required("file_data", of: view))
        if data.utf8.starts(with: "data:".utf8) { return File(MediaSource(address: data), name: name) }
        // Bare base64 does not say what it is, but the name may.
        let isPDF = name?.lowercased().hasSuffix(".pdf") ?? true
        let mediaType = isPDF ? "application/pdf" : "application/octet-stream"
        return File(.base64(mediaType: mediaType, data: data), name: name)
    }

    /// The kind of a call in the history.
    static func callKind(_ view: JSONView) throws(InferenceError) -> ToolCall.Kind {
        guard let type = view["type"], !type.isNull else { return .function }
        switch try text(type) {
        case "function": return .function
        case "custom": return .custom
        default: throw unsupported(type, "a call of this type")
        }
    }

    /// A call's name and arguments.
    static func call(_ body: JSONView, id: String, kind: ToolCall.Kind) throws(InferenceError) -> ToolCall {
        ToolCall(
            id: id,
            name: try text(try required("name", of: body)),
            kind: kind,
            arguments: try text(try required(kind == .custom ? "input" : "arguments", of: body))
        )
    }
}

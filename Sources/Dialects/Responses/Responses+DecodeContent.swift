import Inference
import JSON

extension Responses.RequestDecoder {
    /// Reads what a message or a result holds, a text or parts; `path` is what its lesser members are named by.
    mutating func readContent(
        _ value: Responses.Value,
        at path: String,
        isAnswer: Bool = false
    ) throws(InferenceError) -> [ContentPart] {
        if let text = value.view.string { return [.text(text)] }
        guard value.view.kind == .array else { throw value.wrong("a string or an array") }
        var content: [ContentPart] = []
        for element in value.view.elements {
            var part = try Responses.Value(element).object()
            if let read = try readPart(&part, at: path, isAnswer: isAnswer) { content.append(read) }
            note(left: part, at: path)
        }
        return content
    }

    private mutating func readPart(
        _ part: inout Responses.Members,
        at path: String,
        isAnswer: Bool
    ) throws(InferenceError) -> ContentPart? {
        switch try part.required("type").string() {
        case "input_text", "output_text", "text":
            for name in ["annotations", "logprobs"] {
                if let list = part.take(name), list.view[0] != nil { note("\(path).\(name)") }
            }
            return .text(try part.required("text").string())
        case "refusal" where isAnswer: return .refusal(try part.required("refusal").string())
        case "input_image": return .image(try readImage(&part))
        case "input_file": return .file(try readFile(&part))
        case "encrypted_content":
            // Only the provider that wrote it can read it.
            _ = part.take("encrypted_content")
            note("\(path).encrypted_content")
            return nil
        case let type: throw part.unsupported("A content part of the type \(type)")
        }
    }

    private func readImage(_ part: inout Responses.Members) throws(InferenceError) -> Image {
        let source: MediaSource
        if let id = part.take("file_id") {
            source = .upload(try id.string())
        } else {
            source = MediaSource(address: try part.required("image_url").string())
        }
        return Image(source, detail: try part.take("detail")?.string())
    }

    private func readFile(_ part: inout Responses.Members) throws(InferenceError) -> File {
        let name = try part.take("filename")?.string()
        if let id = part.take("file_id") { return File(.upload(try id.string()), name: name) }
        if let url = part.take("file_url") { return File(.url(try url.string()), name: name) }
        let data = try part.required("file_data").string()
        let source = MediaSource(address: data)
        if case .base64 = source { return File(source, name: name) }
        // Bare base64 without its type; the name tells the one type that all providers read.
        let isPDF = name?.lowercased().hasSuffix(".pdf") ?? false
        return File(.base64(mediaType: isPDF ? "application/pdf" : "application/octet-stream", data: data), name: name)
    }
}

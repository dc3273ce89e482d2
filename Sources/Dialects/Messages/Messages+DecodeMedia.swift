import Inference
import JSON

extension Messages.RequestDecoder {
    /// An image, wherever its bytes are.
    mutating func image(_ block: Messages.RequestObject, _ path: String) throws(InferenceError) -> ContentPart {
        dropUnread(block, path, read: ["type", "source"])
        let source = try block.required("source", block.object)
        guard let media = try media(source) else {
            throw .unknownWord(source["type"] ?? source.view, wanted: "base64, url or file")
        }
        return .image(Image(media))
    }

    /// A document: its bytes as a file, its text as text between marks that name it.
    mutating func document(_ block: Messages.RequestObject, _ path: String) throws(InferenceError) -> [ContentPart] {
        var read: [StaticString] = ["type", "source", "title", "context"]
        if block["citations"]?["enabled"]?.bool == false { read.append("citations") }
        dropUnread(block, path, read: read)
        let source = try block.required("source", block.object)
        let title = try block.text("title")
        let context = try block.text("context") ?? ""
        if let media = try media(source) {
            let file = ContentPart.file(File(media, name: title))
            return context.isEmpty ? [file] : [.text(context), file]
        }
        var parts: [ContentPart]
        switch try source.text("type") {
        case "text": parts = [.text(try source.required("data", source.text))]
        case "content": parts = try content(of: source, path)
        default:
            throw .unknownWord(source["type"] ?? source.view, wanted: "base64, url, file, text or content")
        }
        let opening = Self.opening("document", [("title", title), ("context", context.isEmpty ? nil : context)])
        if parts.count == 1, case .text(let text) = parts[0] { return [.text("\(opening)\n\(text)\n</document>")] }
        parts.insert(.text(opening), at: 0)
        return parts + [.text("</document>")]
    }

    /// What a search has found, as text between marks that name its source.
    mutating func searchResult(_ block: Messages.RequestObject, _ path: String) throws(InferenceError) -> ContentPart {
        var read: [StaticString] = ["type", "source", "title", "content"]
        if block["citations"]?["enabled"]?.bool == false { read.append("citations") }
        dropUnread(block, path, read: read)
        let opening = Self.opening(
            "search_result",
            [("source", try block.text("source")), ("title", try block.text("title"))]
        )
        var words = [opening]
        for view in try block.required("content", block.array).elements {
            words.append(try text(Messages.RequestObject(view), "\(path).content[]"))
        }
        return .text((words + ["</search_result>"]).joined(separator: "\n"))
    }

    /// The blocks of a document that is given in pieces.
    private mutating func content(
        of source: Messages.RequestObject,
        _ path: String
    ) throws(InferenceError) -> [ContentPart] {
        let content = try source.required("content", source.textOrArray)
        if let text = content.string { return [.text(text)] }
        var parts: [ContentPart] = []
        for view in content.elements {
            let block = try Messages.RequestObject(view)
            let isImage = view["type"]?.isString("image") == true
            parts.append(isImage ? try image(block, "\(path).source") : .text(try text(block, "\(path).source")))
        }
        return parts
    }

    /// Nil for a source of another kind.
    private func media(_ source: Messages.RequestObject) throws(InferenceError) -> MediaSource? {
        switch try source.required("type", source.text) {
        case "base64":
            .base64(
                mediaType: try source.required("media_type", source.text),
                data: try source.required("data", source.text)
            )
        case "url": .url(try source.required("url", source.text))
        case "file": .upload(try source.required("file_id", source.text))
        default: nil
        }
    }

    /// An opening mark with those attributes that have a value.
    private static func opening(_ name: String, _ attributes: [(String, String?)]) -> String {
        var mark = "<\(name)"
        for case (let key, let value?) in attributes {
            let plain = value.map { $0 == "\"" ? "'" : $0.isNewline ? " " : $0 }
            mark += " \(key)=\"\(String(plain))\""
        }
        return mark + ">"
    }
}

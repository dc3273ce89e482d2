import Inference
import JSON

/// The arguments of a function's call, which are the text of an object, whatever the model wrote.
enum FunctionArguments {
    /// The object that a whole text stands for.
    ///
    /// A text without any becomes one, with the text as its `arguments`: the client finds its parameters missing then,
    /// and says so to the model.
    static func object(of text: String, for function: FunctionTool?) -> String {
        let plain = unwrapped(text)
        if plain.isEmpty { return "{}" }
        if let object = mendedObject(plain) { return object }
        let parameter = function?.loneParameter
        let quoted = plain.utf8.first == UInt8(ascii: "\"") ? string(plain) : nil
        if let inner = quoted.map(unwrapped), let object = mendedObject(inner) { return object }
        if let parameter, parameter.isList, let list = list(quoted ?? plain) { return wrap(list, as: parameter.name) }
        if let parameter, !parameter.isList {
            return wrap(JSONValue.string(quoted ?? text).bytes, as: parameter.name)
        }
        return wrap(JSONValue.string(text).bytes, as: "arguments")
    }

    /// A text without the space and the code fence around it.
    static func unwrapped(_ text: String) -> String {
        var plain = trimmed(text[...])
        if plain.hasPrefix("```") {
            plain = plain[(plain.utf8.firstIndex { $0 == 0x0A || $0 == 0x7B } ?? plain.startIndex)...]
            if plain.hasSuffix("```") { plain = plain.dropLast(3) }
            plain = trimmed(plain)
        }
        if plain.hasPrefix("json"), let first = trimmed(plain.dropFirst(4)).first, first == "{" {
            plain = trimmed(plain.dropFirst(4))
        }
        return String(plain)
    }

    private static func mendedObject(_ text: String) -> String? {
        text.utf8.first == UInt8(ascii: "{") ? ArgumentMender.mend(text) : nil
    }

    private static func string(_ text: String) -> String? {
        ArgumentMender.mend(text).flatMap { (try? JSONDocument($0))?.root.string }
    }

    private static func list(_ text: String) -> [UInt8]? {
        guard text.utf8.first == UInt8(ascii: "["), let list = ArgumentMender.mend(text) else { return nil }
        return Array(list.utf8)
    }

    private static func wrap(_ value: [UInt8], as name: String) -> String {
        var writer = JSONWriter(capacity: value.count + name.utf8.count + 8)
        writer.object { writer in
            writer.key(name)
            writer.raw(value)
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}

extension FunctionTool {
    /// The one parameter that a bare text can only be meant for; nil if there are several, or it is no text and no list.
    var loneParameter: (name: String, isList: Bool)? {
        let schema = parameters?.value
        let properties = schema?["properties"]?.object?.members ?? []
        let required = schema?["required"]?.array?.compactMap(\.string) ?? []
        guard let name = required.count == 1 ? required[0] : properties.count == 1 ? properties[0].key : nil,
            let schema = properties.first(where: { $0.key == name })?.value
        else { return nil }
        if schema.allows("string") { return (name, false) }
        return schema.allows("array") ? (name, true) : nil
    }
}

extension JSONValue {
    /// Whether a schema names this type, alone or among others.
    func allows(_ type: String) -> Bool {
        self["type"]?.string == type || self["type"]?.array?.contains(.string(type)) == true
    }
}

extension JSONWriter {
    /// Arguments as the object that a dialect wants; a text that is none is wrapped in one.
    mutating func argumentObject(_ text: String) {
        if let root = (try? JSONDocument(text))?.root, root.kind == .object {
            view(root)
        } else if text.isEmpty {
            object { _ in }
        } else {
            object { $0.member("arguments", text) }
        }
    }
}

import JSON

/// Checks a value against a schema of the OpenAPI document, as far as its schemas go.
struct SchemaCheck {
    let document: JSONValue

    /// What is wrong with a value, each with the way to it; empty for a good one.
    func faults(_ value: JSONValue, _ schema: JSONValue, at path: String = "$") -> [String] {
        if let reference = schema["$ref"]?.string {
            guard let target = resolve(reference) else { return ["\(path): \(reference) is not there"] }
            return faults(value, target, at: path)
        }
        var faults: [String] = []
        for part in schema["allOf"]?.array ?? [] { faults += self.faults(value, part, at: path) }
        if let parts = schema["anyOf"]?.array, !parts.contains(where: { self.faults(value, $0, at: path).isEmpty }) {
            faults.append("\(path) is none of what it may be: \(String(decoding: value.bytes, as: UTF8.self))")
        }
        if let type = schema["type"], !Self.names(of: type).contains(where: { Self.isA(value, $0) }) {
            return faults + ["\(path) is no \(Self.names(of: type))"]
        }
        if let words = schema["enum"]?.array, !words.contains(value) { faults.append("\(path) is none of \(words)") }
        if let text = value.string { faults += checkText(text, schema, path) }
        if let number = value.double {
            if let least = schema["minimum"]?.double, number < least { faults.append("\(path) is below \(least)") }
            if let most = schema["maximum"]?.double, number > most { faults.append("\(path) is above \(most)") }
        }
        if let elements = value.array { faults += checkElements(elements, schema, path) }
        if let members = value.object { faults += checkMembers(members, schema, path) }
        return faults
    }

    func resolve(_ reference: String) -> JSONValue? {
        reference.split(separator: "/").dropFirst().reduce(document as JSONValue?) { $0?[String($1)] }
    }

    private func checkText(_ text: String, _ schema: JSONValue, _ path: String) -> [String] {
        var faults: [String] = []
        let length = text.unicodeScalars.count
        if let least = schema["minLength"]?.int, length < least { faults.append("\(path) is too short") }
        if let most = schema["maxLength"]?.int, length > most { faults.append("\(path) is too long") }
        if let pattern = schema["pattern"]?.string, let regex = try? Regex(pattern),
            (try? regex.firstMatch(in: text)) == nil
        {
            faults.append("\(path) is not \(pattern): \(text)")
        }
        return faults
    }

    private func checkElements(_ elements: [JSONValue], _ schema: JSONValue, _ path: String) -> [String] {
        var faults: [String] = []
        if let most = schema["maxItems"]?.int, elements.count > most { faults.append("\(path) has too many") }
        if let least = schema["minItems"]?.int, elements.count < least { faults.append("\(path) has too few") }
        guard let item = schema["items"] else { return faults }
        for (place, element) in elements.enumerated() { faults += self.faults(element, item, at: "\(path)[\(place)]") }
        return faults
    }

    private func checkMembers(_ members: JSONObject, _ schema: JSONValue, _ path: String) -> [String] {
        var faults: [String] = []
        for name in schema["required"]?.array?.compactMap(\.string) ?? [] where members[name] == nil {
            faults.append("\(path).\(name) is missing")
        }
        for member in members.members {
            let way = "\(path).\(member.key)"
            if let known = schema["properties"]?[member.key] {
                faults += self.faults(member.value, known, at: way)
            } else if let rest = schema["additionalProperties"] {
                faults += rest.bool == false ? ["\(way) is not known"] : self.faults(member.value, rest, at: way)
            }
        }
        return faults
    }

    private static func names(of type: JSONValue) -> [String] {
        type.string.map { [$0] } ?? type.array?.compactMap(\.string) ?? []
    }

    private static func isA(_ value: JSONValue, _ type: String) -> Bool {
        switch (value, type) {
        case (.object, "object"), (.array, "array"), (.string, "string"), (.bool, "boolean"), (.null, "null"),
            (.number, "number"):
            true
        case (.number(let number), "integer"): number.isInteger
        default: false
        }
    }
}

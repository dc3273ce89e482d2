import JSON

/// A JSON Schema (2020-12), as OpenAPI 3.1 has it.
struct Schema: Sendable, Equatable {
    private(set) var members: JSONObject

    private init(_ members: JSONObject) { self.members = members }

    private init(type: String, _ members: [(String, JSONValue?)] = []) {
        self.members = ["type": .string(type)]
        for (name, value) in members { self.members[name] = value }
    }

    var json: JSONValue { .object(members) }

    // MARK: Values

    /// Lengths are in Unicode code points.
    static func text(_ lengths: ClosedRange<Int>? = nil, pattern: String? = nil, format: String? = nil) -> Schema {
        Schema(
            type: "string",
            [
                ("minLength", lengths.map { .number(JSONNumber($0.lowerBound)) }),
                ("maxLength", lengths.map { .number(JSONNumber($0.upperBound)) }),
                ("pattern", pattern.map { .string($0) }), ("format", format.map { .string($0) }),
            ]
        )
    }

    static func choice(_ words: [String]) -> Schema {
        Schema(type: "string", [("enum", .array(words.map { .string($0) }))])
    }

    static func integer(_ bounds: ClosedRange<Int>? = nil) -> Schema {
        Schema(
            type: "integer",
            [
                ("minimum", bounds.map { .number(JSONNumber($0.lowerBound)) }),
                ("maximum", bounds.map { .number(JSONNumber($0.upperBound)) }),
            ]
        )
    }

    /// A number that is not below a least one, and not above the most where there is one.
    static func number(from least: Int, to most: Int? = nil) -> Schema {
        Schema(
            type: "number",
            [("minimum", .number(JSONNumber(least))), ("maximum", most.map { .number(JSONNumber($0)) })]
        )
    }

    static let flag = Schema(type: "boolean")
    static let null = Schema(type: "null")

    /// One of some values and nothing else.
    static func oneOf(_ values: [JSONValue]) -> Schema { Schema(["enum": .array(values)]) }

    static func list(of element: Schema, _ lengths: ClosedRange<Int>? = nil) -> Schema {
        Schema(
            type: "array",
            [
                ("items", element.json), ("minItems", lengths.map { .number(JSONNumber($0.lowerBound)) }),
                ("maxItems", lengths.map { .number(JSONNumber($0.upperBound)) }),
            ]
        )
    }

    /// Names of a pattern with values of one kind.
    static func map(of value: Schema, names pattern: String? = nil, most: Int? = nil) -> Schema {
        Schema(
            type: "object",
            [
                ("additionalProperties", value.json), ("propertyNames", pattern.map { ["pattern": .string($0)] }),
                ("maxProperties", most.map { .number(JSONNumber($0)) }),
            ]
        )
    }

    /// An object of any members.
    static let anything = Schema(type: "object")

    // MARK: Objects

    /// A member of an object.
    struct Member {
        let name: String
        let schema: Schema
        let isRequired: Bool

        init(_ name: String, _ schema: Schema, isRequired: Bool = true) {
            self.name = name
            self.schema = schema
            self.isRequired = isRequired
        }
    }

    /// An object of exactly these members.
    static func object(_ members: [Member]) -> Schema {
        let required = members.filter(\.isRequired).map { JSONValue.string($0.name) }
        return Schema(
            type: "object",
            [
                ("properties", .object(JSONObject(members.map { .init($0.name, $0.schema.json) }))),
                ("required", required.isEmpty ? nil : .array(required)), ("additionalProperties", false),
            ]
        )
    }

    /// One that stands among the document's components.
    static func named(_ name: String) -> Schema { Schema(["$ref": .string("#/components/schemas/\(name)")]) }

    static func any(of schemas: [Schema]) -> Schema { Schema(["anyOf": .array(schemas.map(\.json))]) }

    // MARK: Changes

    /// The same, or null.
    var orNull: Schema {
        guard let type = members["type"]?.string else { return .any(of: [self, .null]) }
        var copy = self
        copy.members["type"] = [.string(type), "null"]
        if let words = members["enum"]?.array { copy.members["enum"] = .array(words + [.null]) }
        return copy
    }

    /// The same with a sentence for people.
    func meaning(_ text: String) -> Schema {
        var copy = self
        copy.members["description"] = .string(text)
        return copy
    }

    /// The same with what it is where nobody says.
    func initially(_ value: JSONValue) -> Schema {
        var copy = self
        copy.members["default"] = value
        return copy
    }
}

/// A schema among the document's components.
struct NamedSchema: Sendable {
    let name: String
    let schema: Schema

    init(_ name: String, _ schema: Schema) {
        self.name = name
        self.schema = schema
    }

    var reference: Schema { .named(name) }
}

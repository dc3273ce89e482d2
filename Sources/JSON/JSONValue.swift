/// A JSON value held in memory, for what is built or changed rather than passed on.
package enum JSONValue: Sendable {
    case object(JSONObject)
    case array([JSONValue])
    case string(String)
    case number(JSONNumber)
    case bool(Bool)
    case null

    /// The value as a compact text.
    package var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }

    /// The object, or nil for another kind.
    package var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
    /// The array, or nil for another kind.
    package var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    /// The string, or nil for another kind.
    package var string: String? { if case .string(let value) = self { value } else { nil } }
    /// The number as written, or nil for another kind.
    package var number: JSONNumber? { if case .number(let value) = self { value } else { nil } }
    /// The integer, by the rule of `JSONNumber.int`.
    package var int: Int? { number?.int }
    /// The nearest double, by the rule of `JSONNumber.double`.
    package var double: Double? { number?.double }
    /// The boolean, or nil for another kind.
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// Whether this is null; a member that is absent is nil instead.
    package var isNull: Bool { if case .null = self { true } else { false } }

    /// A member of an object; nil if there is none or this is no object.
    ///
    /// Setting on another kind makes it an object.
    package subscript(_ key: String) -> JSONValue? {
        get { object?[key] }
        set {
            var object = object ?? JSONObject()
            object[key] = newValue
            self = .object(object)
        }
    }

    /// An element of an array; nil if there is none or this is no array.
    package subscript(_ index: Int) -> JSONValue? {
        guard let array, array.indices.contains(index) else { return nil }
        return array[index]
    }
}

extension JSONValue: Equatable {
    /// Strings are compared as bytes, numbers by their text, objects with their order.
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.object(let left), .object(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.string(let left), .string(let right)): sameBytes(left, right)
        case (.number(let left), .number(let right)): left == right
        case (.bool(let left), .bool(let right)): left == right
        case (.null, .null): true
        default: false
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    package init(stringLiteral value: String) { self = .string(value) }
}

extension JSONValue: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int) { self = .number(JSONNumber(value)) }
}

extension JSONValue: ExpressibleByFloatLiteral {
    package init(floatLiteral value: Double) { self = JSONNumber(value).map { .number($0) } ?? .null }
}

extension JSONValue: ExpressibleByBooleanLiteral {
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSONValue: ExpressibleByNilLiteral {
    package init(nilLiteral: ()) { self = .null }
}

extension JSONValue: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}

extension JSONValue: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements.map { .init($0.0, $0.1) }))
    }
}

/// An object's members in order.
///
/// Names are compared as bytes, so a composed and a decomposed "é" are two names.
package struct JSONObject: Sendable {
    /// One member.
    package struct Member: Sendable {
        /// The name, unescaped.
        package var key: String
        /// What the name stands for.
        package var value: JSONValue

        /// A name and its value.
        package init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// In the order of the text or of their setting.
    package private(set) var members: [Member]

    /// An object without members.
    package init() {
        members = []
    }

    /// The caller answers for it that no two names are equal.
    package init(_ members: [Member]) {
        self.members = members
    }

    /// How many members there are.
    package var count: Int { members.count }
    /// Whether there is no member.
    package var isEmpty: Bool { members.isEmpty }
    /// The names in order.
    package var keys: [String] { members.map(\.key) }

    /// The value of a name.
    ///
    /// Setting replaces in place or appends; setting nil removes. Found by walking.
    package subscript(_ key: String) -> JSONValue? {
        get { members.first { sameBytes($0.key, key) }?.value }
        set {
            let place = members.firstIndex { sameBytes($0.key, key) }
            switch (place, newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append(Member(key, value))
            case (nil, nil): break
            }
        }
    }
}

extension JSONObject: Equatable {
    /// Equal if the same members are in the same order.
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.elementsEqual(right.members) { sameBytes($0.key, $1.key) && $0.value == $1.value }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        members = elements.map { Member($0.0, $0.1) }
    }
}

/// Whether two strings have the same UTF-8, where `==` would also take canonical equivalents.
func sameBytes(_ left: String, _ right: String) -> Bool {
    left.utf8.elementsEqual(right.utf8)
}

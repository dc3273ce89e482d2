/// A name and its value in one call. The `IfPresent` forms write nothing for nil.
extension JSONWriter {
    /// A name and a string.
    package mutating func member(_ key: String, _ value: String) {
        self.key(key)
        string(value)
    }

    /// A name and an integer.
    package mutating func member(_ key: String, _ value: Int) {
        self.key(key)
        int(value)
    }

    /// A name and a double, null if it is not finite.
    package mutating func member(_ key: String, _ value: Double) {
        self.key(key)
        double(value)
    }

    /// A name and a boolean.
    package mutating func member(_ key: String, _ value: Bool) {
        self.key(key)
        bool(value)
    }

    /// A name and a value of any kind.
    @_disfavoredOverload
    package mutating func member(_ key: String, _ value: JSONValue) {
        self.key(key)
        self.value(value)
    }

    /// A name and a part of a scanned text as it is written there.
    package mutating func member(_ key: String, _ value: JSONView) {
        self.key(key)
        view(value)
    }

    /// A name and a value that is kept as text.
    package mutating func member(_ key: String, fragment: JSONFragment) {
        self.key(key)
        self.fragment(fragment)
    }

    /// A name and a string, or nothing for nil.
    package mutating func memberIfPresent(_ key: String, _ value: String?) {
        if let value { member(key, value) }
    }

    /// A name and an integer, or nothing for nil.
    package mutating func memberIfPresent(_ key: String, _ value: Int?) {
        if let value { member(key, value) }
    }

    /// A name and a double, null if it is not finite, or nothing for nil.
    package mutating func memberIfPresent(_ key: String, _ value: Double?) {
        if let value { member(key, value) }
    }

    /// A name and a boolean, or nothing for nil.
    package mutating func memberIfPresent(_ key: String, _ value: Bool?) {
        if let value { member(key, value) }
    }

    /// A name and a value of any kind, or nothing for nil.
    @_disfavoredOverload
    package mutating func memberIfPresent(_ key: String, _ value: JSONValue?) {
        if let value { member(key, value) }
    }

    /// A name and a part of a scanned text as it is written there, or nothing for nil.
    package mutating func memberIfPresent(_ key: String, _ value: JSONView?) {
        if let value { member(key, value) }
    }
}

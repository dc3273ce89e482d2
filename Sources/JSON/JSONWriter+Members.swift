/// A name and its value in one call. The `IfPresent` forms write nothing for nil.
extension JSONWriter {
    package mutating func member(_ key: String, _ value: String) {
        self.key(key)
        string(value)
    }

    package mutating func member(_ key: String, _ value: Int) {
        self.key(key)
        int(value)
    }

    package mutating func member(_ key: String, _ value: Double) {
        self.key(key)
        double(value)
    }

    package mutating func member(_ key: String, _ value: Bool) {
        self.key(key)
        bool(value)
    }

    @_disfavoredOverload
    package mutating func member(_ key: String, _ value: JSONValue) {
        self.key(key)
        self.value(value)
    }

    package mutating func member(_ key: String, _ value: JSONView) {
        self.key(key)
        view(value)
    }

    package mutating func memberIfPresent(_ key: String, _ value: String?) {
        if let value { member(key, value) }
    }

    package mutating func memberIfPresent(_ key: String, _ value: Int?) {
        if let value { member(key, value) }
    }

    package mutating func memberIfPresent(_ key: String, _ value: Double?) {
        if let value { member(key, value) }
    }

    package mutating func memberIfPresent(_ key: String, _ value: Bool?) {
        if let value { member(key, value) }
    }

    @_disfavoredOverload
    package mutating func memberIfPresent(_ key: String, _ value: JSONValue?) {
        if let value { member(key, value) }
    }

    package mutating func memberIfPresent(_ key: String, _ value: JSONView?) {
        if let value { member(key, value) }
    }
}

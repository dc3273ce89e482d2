extension JSONValue {
    /// Copies a value of a scanned text.
    ///
    /// A text of many tiny values takes some twenty times its size this way; a large part that is only passed on is
    /// better kept as a view.
    package init(_ view: JSONView) {
        self = view.text.bytes.withBytes { text in
            var copy = Copy(text: text, at: view.range.lowerBound)
            return copy.value()
        }
    }

    /// Scans and copies a whole text.
    package init(parsing bytes: [UInt8], limits: JSONLimits = .init()) throws(JSONError) {
        self.init(try JSONDocument(bytes, limits: limits).root)
    }

    /// One pass over a valid value; its depth, and so the recursion's, was limited by the scan.
    private struct Copy {
        let text: Bytes
        var at: Int
        /// What the containers that are open hold so far: each gets its own memory once its size is known.
        private var elements: [JSONValue] = []
        private var members: [JSONObject.Member] = []

        init(text: Bytes, at: Int) {
            self.text = text
            self.at = at
        }

        mutating func value() -> JSONValue {
            let start = at
            switch JSONKind(firstByte: text[at]) {
            case .object: return .object(object())
            case .array: return .array(array())
            case .string: return .string(string())
            case .number:
                at = text.endOfValue(at: start)
                return .number(JSONNumber(valid: String(decoding: text.slice(start..<at), as: UTF8.self)))
            case .bool:
                at = text.endOfValue(at: start)
                return .bool(at - start == 4)
            case .null:
                at += 4
                return .null
            }
        }

        private mutating func string() -> String {
            let start = at
            at = text.endOfString(at: start)
            return text.string(start + 1..<at - 1)
        }

        private mutating func array() -> [JSONValue] {
            let first = elements.count
            while next(closer: UInt8(ascii: "]")) {
                let element = value()
                elements.append(element)
            }
            defer { elements.removeSubrange(first...) }
            return Array(elements[first...])
        }

        private mutating func object() -> JSONObject {
            let first = members.count
            while next(closer: UInt8(ascii: "}")) {
                let key = string()
                at = text.skipSpace(at: text.skipSpace(at: at) + 1)
                let value = value()
                members.append(.init(key, value))
            }
            defer { members.removeSubrange(first...) }
            return JSONObject(Array(members[first...]))
        }

        /// Goes over an opening bracket or a comma to what follows; false past the closing bracket.
        private mutating func next(closer: UInt8) -> Bool {
            at = text.skipSpace(at: at)
            if text[at] == closer {
                at += 1
                return false
            }
            at = text.skipSpace(at: at + 1)
            guard text[at] == closer else { return true }
            at += 1
            return false
        }
    }
}

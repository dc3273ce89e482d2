/// Checks every property of the JSON target on whatever the fuzzer thinks of.
///
/// The scan against the reference of the tests, both ways to scan against each other, and every way to read, write and
/// edit against the others; a broken property traps. Compiled into one module with Sources/JSON and the reference.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let document: JSONDocument
    do {
        document = try JSONDocument(bytes)
    } catch {
        precondition(Reference.fault(in: bytes) == Reference.Fault(error), "the reference disagrees: \(error)")
        precondition((0...bytes.count).contains(error.offset), "an offset outside of the text")
        checkIndex(bytes, against: error)
        return 0
    }
    precondition(Reference.fault(in: bytes) == nil, "the reference disagrees")
    let value = JSONValue(document.root)
    precondition(lazily(document.root) == value, "reading by views differs")
    let again = checked { () throws(JSONError) in try JSONValue(parsing: value.bytes) }
    precondition(again == value, "writing and reading changed the value")
    if let object = value.object { checkEdits(bytes, object) }
    return 0
}

/// Runs what must not fail.
func checked<Result>(_ body: () throws(JSONError) -> Result) -> Result {
    do {
        return try body()
    } catch {
        preconditionFailure("\(error)")
    }
}

/// The index has to find the fault that the document found, unless it refuses the root for its kind.
func checkIndex(_ bytes: [UInt8], against expected: JSONError) {
    do {
        _ = try JSONIndex(scanning: bytes)
        preconditionFailure("the index takes what the document refuses: \(expected)")
    } catch {
        precondition(error.code == .wrongType || error == expected, "the index says \(error), the document \(expected)")
    }
}

func lazily(_ view: JSONView) -> JSONValue {
    switch view.kind {
    case .object: .object(JSONObject(view.members.map { .init($0.key, lazily($0.value)) }))
    case .array: .array(view.elements.map { lazily($0) })
    case .string: view.string.map { .string($0) } ?? .null
    case .number: view.number.map { .number($0) } ?? .null
    case .bool: .bool(view.bool ?? false)
    case .null: .null
    }
}

/// Every third member is removed, every third replaced, and one is inserted.
func checkEdits(_ bytes: [UInt8], _ object: JSONObject) {
    let index = checked { () throws(JSONError) in try JSONIndex(scanning: bytes) }
    precondition(index.members.count == object.count, "the index misses members")
    var edits = JSONEdits(index)
    var expected: [JSONObject.Member] = []
    for (number, (member, old)) in zip(index.members, object.members).enumerated() {
        precondition(index.member(old.key, in: bytes) == member, "a member is not found by its name")
        switch number % 3 {
        case 0: expected.append(old)
        case 1: edits.remove(member)
        default:
            edits.replace(member, with: "x\"\n")
            expected.append(.init(old.key, "x\"\n"))
        }
    }
    if object["inserted"] == nil {
        edits.insert("inserted", [1, nil])
        expected.append(.init("inserted", [1, nil]))
    }
    let result = checked { () throws(JSONError) in try JSONValue(parsing: edits.apply(to: bytes)) }
    precondition(result == .object(JSONObject(expected)), "an edit changed something else")
}
